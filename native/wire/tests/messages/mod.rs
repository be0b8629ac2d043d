//! Messages of the venue's market channel, as tests write them.
#![allow(missing_docs, dead_code)]

use polaris_wire::TokenIds;

pub const YES: &str =
    "40600137944982070120020561148201046074034528738262880058756488608210871246278";
pub const NO: &str =
    "79597156840177168343562124064866301094619106642263695929345529947536386203124";
pub const MARKET: &str = "0x3bb59c17b8ec156f8ef55d6de522c53c8bcc8fc708bfba00e1c7820c208ee28b";
pub const HASH: &str = "f3285de052f887d0ce2847581636a69c1046178d";

pub fn ids() -> TokenIds {
    let mut ids = TokenIds::default();
    assert!(ids.register(YES.as_bytes(), 1));
    assert!(ids.register(NO.as_bytes(), 2));
    ids
}

pub fn change(asset: &str, [price, size, bid, ask]: [&str; 4], side: &str) -> String {
    format!(
        r#"{{"asset_id":"{asset}","price":"{price}","size":"{size}","side":"{side}","hash":"{HASH}","best_bid":"{bid}","best_ask":"{ask}"}}"#
    )
}

pub fn usual(changes: &[String]) -> String {
    let changes = changes.join(",");
    format!(
        r#"{{"market":"{MARKET}","price_changes":[{changes}],"timestamp":"1786728438403","event_type":"price_change"}}"#
    )
}

/// The same message with its keys in another order: never read by the reader of the usual form.
pub fn rare(changes: &[String]) -> String {
    let changes = changes.join(" , ");
    format!(
        r#"{{"event_type":"price_change","timestamp":"1786728438403","price_changes":[{changes}],"market":"{MARKET}"}}"#
    )
}

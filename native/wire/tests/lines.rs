//! What the decoder answers to lines, whole and damaged.
#![allow(missing_docs)]

mod log_lines;

use log_lines::{changed, summed};
use polaris_book::{Change, Side, UNSAID};
use polaris_wire::{Decoder, Envelope, FaultKind, Kind, xxh32};
use proptest::prelude::*;

fn fault(line: &[u8]) -> (usize, FaultKind) {
    let fault = Decoder::default().line(line).expect_err("a fault");
    (fault.at, fault.kind)
}

#[test]
fn reads_a_line_that_typescript_wrote() {
    let line = br#"{"n":7,"t":1780796251000000,"c":3,"e":"BookSnapshot.1","token":97511956,"bids":[[492,2235112046614977],[6125,4533186918728079],[9823,2221563413720679],[3407,3734326569059007]],"asks":[[9003,714902891487385],[5109,8852359742050290],[8455,1160855409640415],[2811,5569918219944213],[7477,461322774901811],[1967,4256413289475566]],"lag":-9007199254740956,"x":"4f62d592"}"#;
    let mut decoder = Decoder::default();
    assert_eq!(decoder.line(line), Ok(Kind::Snapshot));
    assert_eq!(
        decoder.envelope,
        Envelope {
            seq: 7,
            t_us: 1_780_796_251_000_000,
            cause: 3
        }
    );
    assert_eq!(decoder.token, 97_511_956);
    assert_eq!(decoder.sides[0][0], (492, 2_235_112_046_614_977));
    assert_eq!(decoder.sides[1][5], (1_967, 4_256_413_289_475_566));
}

#[test]
fn a_change_has_six_members_or_four() {
    let mut decoder = Decoder::default();
    assert_eq!(
        decoder.line(&changed(1, "[[1,0,5000,7,5000,5100],[2,1,10000,0]]")),
        Ok(Kind::Changed)
    );
    let first = Change {
        token: 1,
        side: Side::Bid,
        price: 5_000,
        size: 7,
        bid: 5_000,
        ask: 5_100,
    };
    let second = Change {
        token: 2,
        side: Side::Ask,
        price: 10_000,
        size: 0,
        bid: UNSAID,
        ask: UNSAID,
    };
    assert_eq!(decoder.changes, [first, second]);
}

#[test]
fn a_fault_has_its_place() {
    let good = changed(1, "[[1,0,5000,7]]");
    let mut other = good.clone();
    other[6] = b'2';
    assert_eq!(fault(&other), (good.len() - 16, FaultKind::Sum));
    assert_eq!(fault(b""), (0, FaultKind::Form(r#","x":"#)));
    let at = good.len() - 16 - "1,0,5000,7]]".len() - 1;
    for row in [
        "[[1,0,10001,7]]",
        "[[01,0,1,7]]",
        "[[1,2,1,7]]",
        "[[1,0,1]]",
        "[[1,0,1,7,5]]",
    ] {
        let (found, kind) = fault(&changed(1, row));
        assert_eq!(kind, FaultKind::Form("a level change"), "{row}");
        assert!(found >= at, "{row} at {found}");
    }
    let (_, kind) = fault(&summed(
        r#"{"n":1,"t":2,"c":0,"e":"FeedLost.1","feed":"a","why":"b""#,
    ));
    assert_eq!(kind, FaultKind::Other);
    assert_eq!(fault(&summed(r#"{"n":x"#)).1, FaultKind::Form(r#"{"n":"#));
    assert_eq!(
        fault(&changed(1, "[[1,0,1,9007199254740992]]")).1,
        FaultKind::Form("a level change")
    );
    assert_eq!(
        fault(&changed(1, r#"[[1,0,1,7]],"l":-0"#)).1,
        FaultKind::Form("a lag")
    );
    assert_eq!(
        fault(&changed(1, r#"[[1,0,1,7]],"z":1"#)).1,
        FaultKind::Form(r#","x":"#)
    );
}

proptest! {
    #[test]
    fn any_bytes_are_a_fault_and_no_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(Decoder::default().line(&bytes).is_err());
    }

    #[test]
    fn any_body_with_a_right_sum_is_no_panic(
        cut in 0..120usize,
        put in prop::collection::vec(prop::sample::select(&b"[]{},:\"0123456789-ne.\xff"[..]), 0..9),
        at in 0..120usize,
    ) {
        let good = changed(1, r#"[[1,0,5000,7,5000,5100],[2,1,9000,0]],"l":-5"#);
        let mut body = good[..good.len() - 16].to_vec();
        body.truncate(body.len().saturating_sub(cut / 4));
        let at = at.min(body.len());
        body.splice(at..(at + cut / 20).min(body.len()), put);
        let tail = format!(",\"x\":\"{:08x}\"}}", xxh32(&body));
        body.extend(tail.bytes());
        let line = Decoder::default().line(&body);
        if let Err(fault) = line {
            prop_assert!(fault.at <= body.len());
        }
        let length = body.len() + 1;
        body.push(b'\n');
        body.extend(good);
        let mut decoder = Decoder::default();
        let next = decoder.next(&body, true);
        prop_assert_eq!(next.ok(), line.ok().map(|kind| (kind, length)));
    }

    #[test]
    fn one_changed_byte_is_found(at in 0..130usize, to in any::<u8>()) {
        let mut line = changed(1, "[[1,0,5000,7,5000,5100],[2,1,9000,0]]");
        let at = at % line.len();
        prop_assume!(line[at] != to);
        line[at] = to;
        prop_assert!(Decoder::default().line(&line).is_err());
    }

    #[test]
    fn what_is_written_is_read(
        rows in prop::collection::vec((0..1u64 << 53, 0..2u8, 0..=10_000u32, 0..1u64 << 53), 1..20),
    ) {
        let text: Vec<String> =
            rows.iter().map(|(token, side, at, size)| format!("[{token},{side},{at},{size}]")).collect();
        let mut decoder = Decoder::default();
        let line = changed(12, &format!("[{}]", text.join(",")));
        prop_assert_eq!(decoder.line(&line), Ok(Kind::Changed));
        let read: Vec<_> =
            decoder.changes.iter().map(|c| (c.token, c.side as u8, c.price, c.size)).collect();
        prop_assert_eq!(read, rows);
    }
}

//! What the reader of frames answers, whole, torn and damaged.
#![allow(missing_docs)]

use polaris_book::{Fold, Side, Touched, UNSAID};
use polaris_wire::{
    Decoder, Expected, Frame, FramesStop, HashedBook, LineText, MessageKind, TokenIds, Tokens,
    UNKNOWN, WalkFrom, WalkStop, Walked, fold_frames, read_frame, walk_frames,
};
use proptest::prelude::*;

const YES: &str = "40600137944982070120020561148201046074034528738262880058756488608210871246278";
const NO: &str = "79597156840177168343562124064866301094619106642263695929345529947536386203124";
const MARKET: &str = "0x3bb59c17b8ec156f8ef55d6de522c53c8bcc8fc708bfba00e1c7820c208ee28b";
const HASH: &str = "f3285de052f887d0ce2847581636a69c1046178d";

fn ids() -> TokenIds {
    let mut ids = TokenIds::default();
    assert!(ids.register(YES.as_bytes(), 1));
    assert!(ids.register(NO.as_bytes(), 2));
    ids
}

fn change(asset: &str, [price, size, bid, ask]: [&str; 4], side: &str) -> String {
    format!(
        r#"{{"asset_id":"{asset}","price":"{price}","size":"{size}","side":"{side}","hash":"{HASH}","best_bid":"{bid}","best_ask":"{ask}"}}"#
    )
}

fn usual(changes: &[String]) -> String {
    let changes = changes.join(",");
    format!(
        r#"{{"market":"{MARKET}","price_changes":[{changes}],"timestamp":"1786728438403","event_type":"price_change"}}"#
    )
}

/// The same message with its keys in another order: never read by the reader of the usual form.
fn rare(changes: &[String]) -> String {
    let changes = changes.join(" , ");
    format!(
        r#"{{"event_type":"price_change","timestamp":"1786728438403","price_changes":[{changes}],"market":"{MARKET}"}}"#
    )
}

fn read(text: &str) -> (Frame, Option<(usize, Expected)>) {
    let mut frame = Frame::default();
    let fault = read_frame(text.as_bytes(), &ids(), &mut frame).err();
    (frame, fault.map(|fault| (fault.at, fault.expected)))
}

fn prices() -> impl Strategy<Value = String> {
    prop_oneof![
        "0\\.[0-9]{1,5}",
        "[0-9]?\\.?[0-9]{0,3}",
        Just(String::new())
    ]
}

fn sizes() -> impl Strategy<Value = String> {
    prop_oneof!["[0-9]{1,8}", "[0-9]{1,9}\\.[0-9]{1,7}", "[0-9]{0,17}"]
}

fn changes() -> impl Strategy<Value = Vec<String>> {
    let asset = prop_oneof![Just(YES), Just(NO), Just("123")];
    let side = prop_oneof![Just("BUY"), Just("SELL"), Just("buy")];
    let one = (asset, prices(), sizes(), prices(), prices(), side).prop_map(
        |(asset, price, size, bid, ask, side)| change(asset, [&price, &size, &bid, &ask], side),
    );
    proptest::collection::vec(one, 1..5)
}

#[test]
fn a_frame_of_two_changes() {
    let text = usual(&[
        change(YES, ["0.06", "374.34", "0.07", "0.08"], "BUY"),
        change(NO, ["0.94", "0", "0.92", ""], "SELL"),
    ]);
    let (frame, fault) = read(&text);
    assert_eq!(fault, None);
    let rows: Vec<_> = frame
        .rows
        .iter()
        .map(|row| (row.token, row.side, row.price, row.size, row.bid, row.ask))
        .collect();
    let first = (1, Side::Bid, 600, 374_340_000, 700, 800);
    assert_eq!(rows, [first, (2, Side::Ask, 9_400, 0, 9_200, 10_000)]);
    assert_eq!(frame.messages[0].kind, MessageKind::PriceChange);
    assert_eq!(frame.messages[0].t_us, 1_786_728_438_403_000);
    let hash = frame.spans[1].hash;
    assert_eq!(&text[hash.start as usize..hash.end as usize], HASH);
    assert!(frame.is_plain && !frame.is_odd);
}

#[test]
fn unknown_keys_escapes_and_unregistered_ids() {
    let text = "\n[{\"x\":{\"price\":[1e9,{}]},\"event_type\":\"last\\u005ftrade_price\",\"market\":\"m\",\
         \"asset\\u005Fid\":\"7\",\"price\":\"0.5\",\"size\":\"1\",\"side\":\"sell\",\"timestamp\":\"5\"} , {}]\n";
    let (frame, fault) = read(text);
    assert_eq!(fault, None);
    assert_eq!(frame.messages.len(), 2);
    let row = frame.rows[0];
    assert_eq!((row.token, row.price, row.bid), (UNKNOWN, 5_000, UNSAID));
    assert!(frame.is_odd && !frame.is_plain);
}

#[test]
fn faults_stand_where_they_are() {
    for (text, at, expected) in [
        ("", 0, Expected::More),
        (" 1", 1, Expected::Message),
        ("[1]", 1, Expected::Message),
        ("{}x", 2, Expected::Nothing),
        ("{\"a\" 1}", 5, Expected::Colon),
        ("{\"a\":01}", 6, Expected::Comma),
        ("{\"a\":\"\\x\"}", 6, Expected::Escape),
        ("{\"a\":\"\n\"}", 6, Expected::Character),
        ("{\"price\":1,\"price\":2}", 11, Expected::Once),
        (r#"{"event_type":"book"}"#, 0, Expected::Field),
        (r#"{"event_type":"book","timestamp":1}"#, 33, Expected::Text),
        (
            r#"{"event_type":"book","timestamp":"x"}"#,
            34,
            Expected::Millis,
        ),
    ] {
        assert_eq!(read(text).1, Some((at, expected)), "{text}");
    }
    let deep = format!("{{\"a\":{}", "[".repeat(1_000));
    assert_eq!(read(&deep).1, Some((5 + 64, Expected::Depth)));
}

#[test]
fn a_frame_that_cannot_be_read_folds_nothing_and_says_where() {
    let good = usual(&[change(YES, ["0.06", "1", "0.06", "1"], "BUY")]);
    let text = format!("{good}\n\n[{good},{{]\n{good}\n");
    let mut fold = Fold::default();
    for token in [1, 2] {
        assert_eq!(fold.list(token, 100), Ok(()));
    }
    let (mut frame, mut touched) = (Frame::default(), Touched::default());
    let mut of = |start| {
        let bytes = text.as_bytes();
        fold_frames(
            (bytes, start),
            None,
            (&ids(), &mut frame),
            &mut fold,
            &mut touched,
        )
    };
    let first = of(0);
    let FramesStop::Malformed(fault) = first.stop else {
        panic!("{first:?}");
    };
    assert_eq!((first.frames, first.changes), (1, 1));
    assert_eq!(
        (fault.at, fault.expected),
        (good.len() * 2 + 5, Expected::Key)
    );
    let second = of(first.next);
    assert_eq!((second.stop, second.frames), (FramesStop::End, 1));
    assert_eq!(fold.stats().changes, 2);
}

proptest! {
    #[test]
    fn the_usual_form_says_what_any_form_says(changes in changes()) {
        let (usual, rare) = (read(&usual(&changes)), read(&rare(&changes)));
        prop_assert_eq!(usual.1.map(|(_, expected)| expected), rare.1.map(|(_, expected)| expected));
        prop_assert_eq!(&usual.0.rows, &rare.0.rows);
        let unfit = |frame: &Frame| frame.spans.iter().map(|one| one.unfit).collect::<Vec<_>>();
        prop_assert_eq!(unfit(&usual.0), unfit(&rare.0));
    }

    #[test]
    fn a_frame_cut_anywhere_wants_more(changes in changes(), cut in any::<prop::sample::Index>()) {
        let text = usual(&changes);
        if read(&text).1.is_none() {
            let at = cut.index(text.len());
            prop_assert_eq!(read(&text[..at]).1, Some((at, Expected::More)));
        }
    }

    #[test]
    fn any_bytes_end_in_an_answer(
        changes in changes(),
        noise in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        bytes in proptest::collection::vec(any::<u8>(), 0..80),
    ) {
        let mut damaged = usual(&changes).into_bytes();
        for (at, byte) in noise {
            let at = at.index(damaged.len());
            damaged[at] = byte;
        }
        let mut frame = Frame::default();
        for text in [&damaged, &bytes] {
            if let Err(fault) = read_frame(text, &ids(), &mut frame) {
                prop_assert!(fault.at <= text.len());
            }
        }
    }
}

fn tokens() -> Tokens {
    let mut tokens = Tokens::default();
    assert!(tokens.register(YES.as_bytes(), 1) && tokens.register(NO.as_bytes(), 2));
    tokens
}

/// A walk over a recording from its start, with room for so many bytes of lines: how it ended, and the lines.
fn walk(text: &str, fold: &mut Fold, from: WalkFrom, room: usize) -> (Walked, String) {
    walk_with(&mut tokens(), text, fold, from, room)
}

fn walk_with(
    tokens: &mut Tokens,
    text: &str,
    fold: &mut Fold,
    from: WalkFrom,
    room: usize,
) -> (Walked, String) {
    let mut bytes = vec![0; room];
    let mut ends = [0; 64];
    let mut lines = LineText::new(&mut bytes);
    let mut touched = Touched::default();
    touched.restart(-1.0);
    let walked = walk_frames(
        text.as_bytes(),
        from,
        (tokens, &mut Frame::default()),
        (fold, &mut touched),
        (&mut lines, &mut ends),
    );
    let ended: Vec<usize> = bytes[..walked.length]
        .iter()
        .enumerate()
        .filter_map(|(at, byte)| (*byte == b'\n').then_some(at + 1))
        .collect();
    assert_eq!(ended.len(), walked.lines);
    for (pair, end) in ends.chunks(2).zip(&ended) {
        assert_eq!(pair, [*end as u32, 1]);
    }
    bytes.truncate(walked.length);
    (walked, String::from_utf8_lossy(&bytes).into_owned())
}

fn listed() -> Fold {
    let mut fold = Fold::default();
    assert!(fold.list(1, 100).is_ok() && fold.list(2, 100).is_ok());
    fold
}

const START: WalkFrom = WalkFrom {
    at: 0,
    lists: 0,
    seq: 7,
    t_us: 1_786_728_438_404_000,
    due_us: f64::INFINITY,
    is_told: true,
    checks: 0,
    stamp_us: 0.0,
    bound_us: f64::INFINITY,
    latest_us: f64::INFINITY,
};

#[test]
fn a_walk_writes_the_lines_of_what_it_folds() {
    let frame = usual(&[change(YES, ["0.46", "12.5", "", "0.5"], "BUY")]);
    let text = format!("\u{20}[{frame},\r\n\n{frame}]\n{}", rare(&[]));
    let mut fold = listed();
    let (walked, lines) = walk(&text, &mut fold, START, 4_096);
    assert_eq!(walked.stop, WalkStop::Foreign);
    assert_eq!(text[walked.at..], rare(&[]));
    let Walked {
        lists, feeds, seq, ..
    } = walked;
    assert_eq!((lists, feeds, walked.lines, seq), (0, 3, 2, 9));
    assert_eq!(fold.stats().changes, 2);
    // The venue's clock stepped back behind the engine's.
    let body =
        r#","t":1786728438404000,"c":0,"e":"BookChanged.1","d":[[1,0,4600,12500000,0,5000]]"#;
    let mut decoder = Decoder::default();
    for (line, n) in lines.lines().zip([8, 9]) {
        assert!(
            line.starts_with(&format!(r#"{{"n":{n}{body},"x":""#)),
            "{line}"
        );
        assert!(decoder.line(line.as_bytes()).is_ok());
    }
}

#[test]
fn a_walk_ends_before_what_it_has_no_business_with() {
    let yes = usual(&[change(YES, ["0.46", "12.5", "", "0.5"], "BUY")]);
    let ended = |text: &str, from: WalkFrom, room: usize| {
        let mut fold = listed();
        let (walked, _) = walk(text, &mut fold, from, room);
        assert_eq!(fold.stats().changes, walked.lines as u64);
        (walked.stop, walked.lines, walked.at)
    };
    let two = format!("{yes}{yes}");
    assert_eq!(ended(&two, START, 350), (WalkStop::Full, 1, yes.len()));
    assert_eq!(ended(&two, START, 100), (WalkStop::Foreign, 0, 0));
    assert_eq!(
        ended(&two[..two.len() - 1], START, 4_096),
        (WalkStop::Foreign, 1, yes.len())
    );
    assert_eq!(ended("]", START, 4_096), (WalkStop::Foreign, 0, 0));
    assert_eq!(ended("\u{feff}", START, 4_096), (WalkStop::Foreign, 0, 0));
    let due_us = START.t_us as f64;
    assert_eq!(
        ended(&two, WalkFrom { due_us, ..START }, 4_096),
        (WalkStop::Behind, 0, 0)
    );
    let stranger = usual(&[change("9", ["0.46", "12.5", "", "0.5"], "BUY")]);
    assert_eq!(ended(&stranger, START, 4_096), (WalkStop::Foreign, 0, 0));
}

#[test]
fn a_walk_ends_at_what_somebody_has_to_look_at() {
    let yes = usual(&[change(YES, ["0.46", "12.5", "0.46", "1"], "BUY")]);
    let other = usual(&[change(YES, ["0.45", "1", "0.47", "1"], "BUY")]);
    let mut fold = listed();
    let mut touched = Touched::default();
    assert!(fold.snapshot(1, [&[], &[]], 1.0, &mut touched).is_ok());
    let (walked, lines) = walk(&format!("{yes}{other}"), &mut fold, START, 4_096);
    assert_eq!(
        (walked.stop, walked.lines, walked.at),
        (WalkStop::Stirred, 1, yes.len())
    );
    assert_eq!(lines.lines().count(), 1);
    assert_eq!(fold.stats().changes, 2, "the one to look at is folded");
}

#[test]
fn a_hash_is_checked_on_the_book_behind_the_whole_message() {
    // printf '<1786728438403","hash":"","bids":[{"price":"0.46","size":"12.5"}],"asks":[>' | sha1sum
    let right = "7a4e3c412fc321411f56e3d4ddce847e1ac1fb03";
    let text = usual(&[change(YES, ["0.46", "12.5", "", "0.5"], "BUY")]).replace(HASH, right);
    let wrong = usual(&[
        change(NO, ["0.4", "1", "", "0.5"], "BUY"),
        change(YES, ["0.47", "1", "", "0.5"], "BUY"),
    ]);
    let levels: [&[(f64, &[u8])]; 2] = [&[], &[]];
    let mut tokens = tokens();
    tokens.lend(1, HashedBook::new(levels.map(|side| side.iter().copied())));
    tokens.tell(1, b"<", b">");
    let mut fold = listed();
    let ended = |tokens: &mut Tokens, fold: &mut Fold, text: &str, from: WalkFrom| {
        let (walked, _) = walk_with(tokens, text, fold, from, 4_096);
        (walked.stop, walked.lines, walked.checked)
    };
    let from = |checks, is_told| WalkFrom {
        checks,
        is_told,
        ..START
    };
    let both = format!("{text}{wrong}");
    let none = (WalkStop::Foreign, 0, 0);
    assert_eq!(
        ended(&mut tokens, &mut fold, &both, from(0, true)),
        none,
        "no check is left"
    );
    let one = (WalkStop::Foreign, 1, 1);
    assert_eq!(ended(&mut tokens, &mut fold, &both, from(9, false)), one);
    let bids = br#"{"price":"0.46","size":"12.5"}"#;
    let book = tokens.recall(1);
    assert_eq!(
        book.as_ref().map(|book| book.text(0)),
        Some(&bids[..]),
        "the wrong one is undone"
    );
    assert_eq!(
        ended(&mut tokens, &mut fold, &text, from(9, true)),
        none,
        "it is the reference's"
    );
    assert!(tokens.recall(1).is_none() && tokens.recall(7).is_none());
    tokens.lend(1, book.unwrap_or_default());
    tokens.tell(1, b"<", b">");
    assert_eq!(
        ended(&mut tokens, &mut fold, &text, from(9, true)),
        (WalkStop::End, 1, 1)
    );
    tokens.leave(1, false);
    assert_eq!(
        ended(&mut tokens, &mut fold, &text, from(9, false)),
        none,
        "not told yet"
    );
    assert_eq!(
        ended(&mut tokens, &mut fold, &wrong, from(9, true)),
        (WalkStop::End, 1, 0)
    );
    assert_eq!(fold.stats().changes, 4);
}

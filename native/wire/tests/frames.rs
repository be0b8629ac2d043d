//! What the reader of frames answers, whole, torn and damaged.
#![allow(missing_docs)]

mod messages;

use messages::{HASH, NO, YES, change, ids, rare, usual};
use polaris_book::{Fold, Side, Touched, UNSAID};
use polaris_wire::{Expected, Frame, FramesStop, MessageKind, UNKNOWN, fold_frames, read_frame};
use proptest::prelude::*;

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

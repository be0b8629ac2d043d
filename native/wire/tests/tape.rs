//! A tape says what the lines say.
#![allow(missing_docs)]

use polaris_book::{Change, Fold, Side, Touched, UNSAID};
use polaris_wire::{
    Asked, Decoder, Entry, Kept, Stop, Tape, TapeReader, fold_lines, fold_tape, record_lines, xxh32,
};
use proptest::prelude::*;

const TOKENS: u64 = 5;

fn change() -> impl Strategy<Value = Change> {
    let token =
        prop_oneof![9 => 1..=TOKENS, 1 => 131_070..131_074_u64, 1 => Just(u64::from(u32::MAX))];
    let size = prop_oneof![
        Just(0),
        (0..100_000_u64).prop_map(|lots| lots * 10_000),
        0..(1_u64 << 53),
    ];
    let best = prop_oneof![Just(None), (0..=10_000_i32, 0..=10_000_i32).prop_map(Some)];
    (token, any::<bool>(), 0..=100_u32, size, best).prop_map(|(token, is_bid, at, size, best)| {
        let (bid, ask) = best.unwrap_or((UNSAID, UNSAID));
        let side = if is_bid { Side::Bid } else { Side::Ask };
        let price = at * 100;
        Change {
            token,
            side,
            price,
            size,
            bid,
            ask,
        }
    })
}

/// The same liquidity in the book of the other outcome.
fn mirrored(of: &Change, token: u64) -> Change {
    let flip = |best: i32| {
        if best == UNSAID {
            UNSAID
        } else {
            10_000 - best
        }
    };
    Change {
        token,
        side: of.side.other(),
        price: 10_000 - of.price,
        size: of.size,
        bid: flip(of.ask),
        ask: flip(of.bid),
    }
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let pair = |up: bool| {
        move |one: Change| {
            let near = if up {
                one.token + 1
            } else {
                one.token.saturating_sub(1)
            };
            vec![one, mirrored(&one, near)]
        }
    };
    prop_oneof![
        change().prop_map(|one| vec![one]),
        change().prop_map(pair(true)),
        change().prop_map(pair(false)),
        prop::collection::vec(change(), 1..6),
    ]
}

fn line(seq: u64, t_us: u64, changes: &[Change]) -> Vec<u8> {
    let rows: Vec<String> = changes
        .iter()
        .map(|of| {
            let Change {
                token,
                side,
                price,
                size,
                bid,
                ask,
            } = of;
            let side = *side as u8;
            if *bid == UNSAID {
                format!("[{token},{side},{price},{size}]")
            } else {
                format!("[{token},{side},{price},{size},{bid},{ask}]")
            }
        })
        .collect();
    let rows = rows.join(",");
    summed(&format!(
        r#"{{"n":{seq},"t":{t_us},"c":0,"e":"BookChanged.1","d":[{rows}]"#
    ))
}

fn summed(body: &str) -> Vec<u8> {
    format!("{body},\"x\":\"{:08x}\"}}\n", xxh32(body.as_bytes())).into_bytes()
}

fn books() -> Fold {
    let mut fold = Fold::default();
    for token in (1..=TOKENS + 1).chain(131_069..131_075).chain([0]) {
        fold.list(token, 100).expect("a tick");
    }
    for token in [u64::from(u32::MAX) - 1, u64::from(u32::MAX)] {
        fold.list(token, 100).expect("a tick");
    }
    fold
}

proptest! {
    #[test]
    fn a_tape_gives_back_what_was_put_on_it(
        story in prop::collection::vec((changes(), 0..900_000_000_u64), 1..40),
        start in 0..2_000_000_000_000_000_u64,
    ) {
        let mut tape = Tape::default();
        let mut t_us = start;
        let has_form = |of: &[Change]| of.iter().all(|one| one.token <= u64::from(u32::MAX));
        let story: Vec<_> = story.into_iter().filter(|(of, _)| has_form(of)).collect();
        for (of, lag) in &story {
            t_us += lag;
            prop_assert!(tape.changes(of, t_us));
        }
        let mut reader = TapeReader::new(&tape.words, 0, 0);
        let (mut found, mut t_us) = (Vec::new(), start);
        for (of, lag) in &story {
            t_us += lag;
            prop_assert_eq!(reader.next(&mut found), Some(Entry::Changes));
            prop_assert_eq!(&found, of);
            prop_assert_eq!(reader.t_us, t_us);
        }
        prop_assert_eq!(reader.next(&mut found), None);
    }

    #[test]
    fn folding_a_tape_is_folding_its_lines(
        story in prop::collection::vec(changes(), 1..40),
        until in 1..50_u64,
    ) {
        let mut bytes = Vec::new();
        let mut seq = 0;
        for of in &story {
            if of.iter().any(|one| one.token > u64::from(u32::MAX)) { continue; }
            seq += 1;
            bytes.extend(line(seq, 1_000 * seq, of));
            seq += 1;
            bytes.extend(summed(&format!(
                r#"{{"n":{seq},"t":{},"c":{},"e":"SignalDropped.1","signal":"s1-1","reason":"expired""#,
                1_000 * seq, seq - 1,
            )));
        }
        let mut decoder = Decoder::default();
        let mut tape = Tape::default();
        prop_assert_eq!(record_lines(&mut decoder, &bytes, &Kept::of_books(), &mut tape), Ok(()));
        let (mut one, mut other) = (books(), books());
        let mut touched = Touched::default();
        let asked = Asked { start: 0, until, is_proven: true };
        let by_lines = fold_lines((&mut decoder, &mut one), &bytes, asked, &mut touched);
        let mut reader = TapeReader::new(&tape.words, 0, 0);
        let by_tape = fold_tape(
            (&mut decoder, &mut other),
            (&mut reader, &tape.lines),
            (0, until),
            &mut touched,
        );
        prop_assert_eq!(one.save(), other.save());
        prop_assert_eq!(one.stats(), other.stats());
        prop_assert_eq!(by_lines.stop, by_tape.stop);
        prop_assert_eq!((by_lines.seq, by_lines.t_us), (by_tape.seq, by_tape.t_us));
        prop_assert_eq!(by_lines.changes, by_tape.changes);
        prop_assert_eq!(by_tape.stop == Stop::Due, until < seq);
    }
}

#[test]
fn a_token_without_a_form_is_left_to_its_line() {
    let one = Change {
        token: 1 << 32,
        side: Side::Bid,
        price: 1,
        size: 1,
        bid: UNSAID,
        ask: UNSAID,
    };
    let mut tape = Tape::default();
    assert!(!tape.changes(&[one], 1));
    assert_eq!(tape, Tape::default());
    let line = line(1, 7, &[one]);
    let kept = Kept::of_books();
    assert_eq!(
        record_lines(&mut Decoder::default(), &line, &kept, &mut tape),
        Ok(())
    );
    assert_eq!((&tape.lines, tape.inputs), (&line, 1));
}

#[test]
fn words_that_are_no_entry_end_a_tape() {
    let mut changes = Vec::new();
    for words in [&[15][..], &[1], &[4, 9, 1], &[0, 1], &[9, 1, 2, 3], &[8]] {
        let mut reader = TapeReader::new(words, 0, 0);
        assert_eq!(reader.next(&mut changes), None, "{words:?}");
    }
}

//! Where walks over lines end, and why.
#![allow(missing_docs)]

mod log_lines;

use log_lines::{asked, changed, summed};
use polaris_book::{Fault as BookFault, Fold, Test, Touched};
use polaris_wire::{Asked, Decoder, Stop, Turns, fold_lines, walk_turns};

#[test]
fn a_walk_says_where_and_why_it_ended() {
    let mut fold = Fold::default();
    fold.list(1, 100).unwrap();
    let mut bytes = Vec::new();
    for seq in 1..=3 {
        bytes.extend(changed(seq, &format!("[[1,0,{seq}000,7]]")));
        bytes.push(b'\n');
    }
    let all = bytes.len();
    bytes.extend(changed(4, "[[9,0,1000,7]]"));
    bytes.push(b'\n');
    let mut touched = Touched {
        mark: 1.0,
        ..Touched::default()
    };
    let mut decoder = Decoder::default();
    let first = fold_lines((&mut decoder, &mut fold), &bytes, asked(0, 2), &mut touched);
    assert_eq!(
        (first.stop, first.seq, first.changes, first.at),
        (Stop::Due, 2, 2, all / 3 * 2)
    );
    let rest = fold_lines(
        (&mut decoder, &mut fold),
        &bytes,
        asked(first.at, 9),
        &mut touched,
    );
    assert_eq!(
        (rest.stop, rest.at),
        (Stop::Fault(BookFault::Unlisted(9)), all)
    );
    let end = fold_lines(
        (&mut decoder, &mut fold),
        &bytes[..all],
        asked(first.at, 9),
        &mut touched,
    );
    assert_eq!((end.stop, end.at), (Stop::End, all));
    assert_eq!(touched.tokens, [1]);
}

#[test]
fn a_walk_over_turns_stops_where_somebody_has_to_look() {
    let mut fold = Fold::default();
    for token in [1, 2] {
        fold.list(token, 100).unwrap();
        let sides = [&[(4_000, 5)][..], &[(6_000, 5)][..]];
        fold.snapshot(token, sides, 0.0, &mut Touched::default())
            .unwrap();
    }
    fold.set_trigger(1, (Test::Asks, 9_000), &[1, 2]).unwrap();
    let rows = [
        "[[1,1,5000,7]]", // the first look is told
        "[[2,1,5500,7]]", // 5,000 + 5,500 is above 9,000
        "[[2,1,4000,7]]", // fires
        "[[2,0,1000,7]]", // still
        "[[2,1,4000,0]]", // has just ceased to
        "[[2,1,5900,7]]",
    ];
    let mut bytes = Vec::new();
    let mut ends = Vec::new();
    for (k, row) in rows.iter().enumerate() {
        bytes.extend(changed(k as u64 + 1, row));
        bytes.push(b'\n');
        ends.push(bytes.len());
    }
    let mut stops = Vec::new();
    let (mut at, mut seq) = (0, 0);
    let mut touched = Touched {
        mark: -1.0,
        ..Touched::default()
    };
    let mut decoder = Decoder::default();
    while at < bytes.len() {
        let turns = Turns {
            seq,
            t_us: 0,
            due_us: f64::INFINITY,
        };
        let walker = (&mut decoder, &mut fold);
        let walked = walk_turns(walker, &bytes, asked(at, 99), turns, &mut touched);
        at = walked.at;
        seq = walked.seq;
        if walked.stop != Stop::Actionable {
            break;
        }
        assert_eq!(touched.fired, [1]);
        seq += 1;
        stops.push(seq);
        at = ends[seq as usize - 1];
    }
    assert_eq!(stops, [1, 3, 4, 5]);
    assert_eq!((at, seq), (bytes.len(), 6));
}

#[test]
fn a_walk_over_turns_takes_only_what_follows() {
    let mut fold = Fold::default();
    fold.list(1, 100).unwrap();
    let mut bytes = changed(5, "[[1,0,1000,7]]");
    bytes.push(b'\n');
    let walk = |seq, t_us, due_us| {
        let turns = Turns { seq, t_us, due_us };
        let walker = (&mut Decoder::default(), &mut fold.clone());
        let mut touched = Touched::default();
        walk_turns(walker, &bytes, asked(0, 99), turns, &mut touched).stop
    };
    let now = 1_780_796_251_000_000;
    assert_eq!(walk(4, 0, f64::INFINITY), Stop::End);
    assert_eq!(walk(3, 0, f64::INFINITY), Stop::Unsupported);
    assert_eq!(walk(4, now + 1, f64::INFINITY), Stop::Unsupported);
    assert_eq!(walk(4, 0, now as f64), Stop::Due);
}

#[test]
fn what_concerns_no_book_is_passed_over_under_a_proven_head() {
    let mut fold = Fold::default();
    fold.list(1, 100).unwrap();
    let mut bytes = summed(r#"{"n":1,"t":2,"c":0,"e":"SignalRaised.1","signal":"s1-1""#);
    bytes.push(b'\n');
    let mut wrong = changed(2, "[[1,0,1000,7]]");
    let sum = wrong.len() - 3;
    wrong[sum] = b'x';
    bytes.extend(wrong);
    bytes.push(b'\n');
    let mut walk = |is_proven| {
        let asked = Asked {
            is_proven,
            ..asked(0, 99)
        };
        let walker = (&mut Decoder::default(), &mut fold);
        let progress = fold_lines(walker, &bytes, asked, &mut Touched::default());
        (progress.stop, progress.lines)
    };
    assert_eq!(walk(false), (Stop::Unsupported, 0));
    assert_eq!(walk(true), (Stop::End, 2));
}

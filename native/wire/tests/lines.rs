//! What the decoder answers to lines, whole and damaged.
#![allow(missing_docs)]

use polaris_book::{Change, Fault as BookFault, Fold, Side, Test, Touched, UNSAID};
use polaris_wire::{
    Asked, Decoder, Envelope, FaultKind, Kind, Stop, Turns, fold_lines, walk_turns, xxh32,
};
use proptest::prelude::*;

fn summed(body: &str) -> Vec<u8> {
    format!("{body},\"x\":\"{:08x}\"}}", xxh32(body.as_bytes())).into_bytes()
}

fn changed(seq: u64, rows: &str) -> Vec<u8> {
    let head = format!(r#"{{"n":{seq},"t":1780796251000000,"c":0,"e":"BookChanged.1","d":"#);
    summed(&format!("{head}{rows}"))
}

fn asked(start: usize, until: u64) -> Asked {
    Asked {
        start,
        until,
        is_proven: false,
    }
}

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
        (Stop::Behind, 2, 2, all / 3 * 2)
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
    fold.watch(1, (Test::Asks, 9_000), &[1, 2]).unwrap();
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
        if walked.stop != Stop::Stirred {
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
    assert_eq!(walk(3, 0, f64::INFINITY), Stop::Foreign);
    assert_eq!(walk(4, now + 1, f64::INFINITY), Stop::Foreign);
    assert_eq!(walk(4, 0, now as f64), Stop::Behind);
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
    assert_eq!(walk(false), (Stop::Foreign, 0));
    assert_eq!(walk(true), (Stop::End, 2));
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

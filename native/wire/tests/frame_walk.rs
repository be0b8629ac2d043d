//! Where a walk over a recording ends, and what it writes.
#![allow(missing_docs)]

mod messages;

use messages::{HASH, NO, YES, change, rare, usual};
use polaris_book::{Fold, Touched};
use polaris_wire::{
    Decoder, Frame, HashedBook, LineText, Tokens, WalkFrom, WalkStop, Walked, walk_frames,
};

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
    assert_eq!(walked.stop, WalkStop::Unsupported);
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
    assert_eq!(ended(&two, START, 100), (WalkStop::Unsupported, 0, 0));
    assert_eq!(
        ended(&two[..two.len() - 1], START, 4_096),
        (WalkStop::Unsupported, 1, yes.len())
    );
    assert_eq!(ended("]", START, 4_096), (WalkStop::Unsupported, 0, 0));
    assert_eq!(
        ended("\u{feff}", START, 4_096),
        (WalkStop::Unsupported, 0, 0)
    );
    let due_us = START.t_us as f64;
    assert_eq!(
        ended(&two, WalkFrom { due_us, ..START }, 4_096),
        (WalkStop::Due, 0, 0)
    );
    let stranger = usual(&[change("9", ["0.46", "12.5", "", "0.5"], "BUY")]);
    assert_eq!(
        ended(&stranger, START, 4_096),
        (WalkStop::Unsupported, 0, 0)
    );
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
        (WalkStop::Actionable, 1, yes.len())
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
    let none = (WalkStop::Unsupported, 0, 0);
    assert_eq!(
        ended(&mut tokens, &mut fold, &both, from(0, true)),
        none,
        "no check is left"
    );
    let one = (WalkStop::Unsupported, 1, 1);
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

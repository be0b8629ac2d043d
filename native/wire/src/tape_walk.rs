use memchr::memchr;
use polaris_book::{Change, Fault, Fold, Touched};

use crate::line::{Decoder, Kind, Trade, envelope};
use crate::scan::Scan;
use crate::tape::{Tape, entry};
use crate::tape_reader::{Entry, TapeReader};
use crate::walk::{Progress, Stop, Turns};

/// Which lines stay on a tape beside those that carry level changes.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    /// Names of events that are kept as lines.
    pub names: Vec<Vec<u8>>,
    /// Whether events that are not kept are counted.
    pub is_counted: bool,
}

impl Kept {
    /// What concerns books or tells what is listed, the rest counted.
    pub fn of_books() -> Self {
        let names = OF_BOOKS.iter().map(|name| name.to_vec()).collect();
        Self {
            names,
            is_counted: true,
        }
    }

    /// Passes over an event that is not kept.
    fn pass(&self, tape: &mut Tape, t_us: u64) {
        if self.is_counted {
            tape.mark(entry::SKIP, 1, t_us);
        }
    }

    fn has(&self, name: &[u8]) -> bool {
        self.names.iter().any(|kept| kept == name)
    }
}

/// Events that a fold of books, or a list of its tokens, takes something from.
pub(crate) const OF_BOOKS: [&[u8]; 9] = [
    b"MarketListed",
    b"BookChanged",
    b"BookSnapshot",
    b"BookHashDiffers",
    b"BookHashAgrees",
    b"BookIncomplete",
    b"TokenListed",
    b"TickSizeChanged",
    b"FeedLost",
];

/// Adds whole lines, over which a head is proven, to a tape.
///
/// # Errors
/// The offset of a line that has no form on it.
pub fn record_lines(
    decoder: &mut Decoder,
    bytes: &[u8],
    kept: &Kept,
    tape: &mut Tape,
) -> Result<(), usize> {
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let (kind, length) = match decoder.next(rest, false) {
            Ok(read) => read,
            Err(_) => {
                at += other(rest, kept, tape).ok_or(at)?;
                continue;
            }
        };
        at += length;
        let t_us = decoder.envelope.t_us;
        let name: &[u8] = match kind {
            Kind::Changed if tape.changes(&decoder.changes, t_us) => continue,
            Kind::Changed => b"BookChanged",
            Kind::Trade => b"TradePrinted",
            Kind::Snapshot => b"BookSnapshot",
        };
        let Trade { id, .. } = &decoder.trade;
        if !kept.has(name) {
            kept.pass(tape, t_us);
        } else if kind != Kind::Trade || !tape.trade(&decoder.trade, &rest[id.clone()], t_us) {
            tape.line(&rest[..length], t_us);
        }
    }
    Ok(())
}

/// A line that the decoder leaves to the reference; its length.
fn other(rest: &[u8], kept: &Kept, tape: &mut Tape) -> Option<usize> {
    let length = memchr(b'\n', rest)? + 1;
    let mut scan = Scan::new(rest);
    if scan.text(br#"{"commit":"#).is_some() {
        return Some(length);
    }
    let Ok(envelope) = envelope(&mut scan) else {
        return None;
    };
    if kept.has(scan.until(|byte| !byte.is_ascii_alphanumeric())) {
        tape.line(&rest[..length], envelope.t_us);
    } else {
        kept.pass(tape, envelope.t_us);
    }
    Some(length)
}

/// Folds a tape on which all events are counted, up to `until`. It ends as unsupported at a line for the reference reader,
/// and `at` is then the offset of that line; the reader stands behind it.
pub fn fold_tape(
    (decoder, fold): (&mut Decoder, &mut Fold),
    (reader, lines): (&mut TapeReader<'_>, &[u8]),
    (before, until): (u64, u64),
    touched: &mut Touched,
) -> Progress {
    let mut progress = Progress::begin(0, (before, reader.t_us));
    loop {
        let here = reader.clone();
        let Some(found) = reader.next(&mut decoder.changes) else {
            return progress.stopped(Stop::End);
        };
        let count = if let Entry::Skip(count) = found {
            count
        } else {
            1
        };
        if progress.seq + count > until {
            *reader = here;
            return progress.stopped(Stop::Due);
        }
        let folded = match found {
            Entry::Changes => fold.change(&decoder.changes, reader.t_us as f64, touched),
            Entry::Trade(_) | Entry::Skip(_) => Ok(()),
            Entry::Line(at) => {
                match snapshot(decoder, lines.get(at..).unwrap_or(&[]), fold, touched) {
                    Some(folded) => folded,
                    None => {
                        progress.at = at;
                        return progress.stopped(Stop::Unsupported);
                    }
                }
            }
        };
        if let Err(fault) = folded {
            return progress.stopped(Stop::Fault(fault));
        }
        if found == Entry::Changes {
            progress.changes += decoder.changes.len() as u64;
        }
        progress.lines += count;
        progress.seq += count;
        progress.t_us = reader.t_us;
    }
}

/// Takes a tape as the inputs of an engine, as `walk_turns` takes lines: `at` and `t_us` are those of the reader. It ends
/// as unsupported before a line, and actionable before what it has folded.
pub fn walk_tape(
    (changes, fold): (&mut Vec<Change>, &mut Fold),
    reader: &mut TapeReader<'_>,
    turns: Turns,
    touched: &mut Touched,
) -> Progress {
    let mut progress = Progress::begin(reader.at, (turns.seq, reader.t_us));
    loop {
        let found = reader.next(changes);
        let t_us = reader.t_us.max(turns.t_us) as f64; // exact: at most 2^53 − 1
        match found {
            None => return progress.stopped(Stop::End),
            Some(_) if t_us >= turns.due_us => return progress.stopped(Stop::Due),
            Some(Entry::Line(_)) => return progress.stopped(Stop::Unsupported),
            Some(Entry::Trade(token)) if fold.is_trade_wanted(token) => {
                touched.restart(touched.mark - 1.0);
                return progress.stopped(Stop::Actionable);
            }
            Some(Entry::Trade(_) | Entry::Skip(_)) => (),
            Some(Entry::Changes) => {
                touched.restart(touched.mark - 1.0);
                if let Err(fault) = fold.change(changes, t_us, touched) {
                    return progress.stopped(Stop::Fault(fault));
                }
                if fold.is_actionable(touched) {
                    return progress.stopped(Stop::Actionable);
                }
                progress.changes += changes.len() as u64;
            }
        }
        progress.lines += 1;
        progress.seq += 1;
        progress.at = reader.at;
        progress.t_us = reader.t_us;
    }
}

/// Folds a line that is a snapshot; `None` for any other.
fn snapshot(
    decoder: &mut Decoder,
    line: &[u8],
    fold: &mut Fold,
    touched: &mut Touched,
) -> Option<Result<(), Fault>> {
    let Ok((Kind::Snapshot, _)) = decoder.next(line, false) else {
        return None;
    };
    let sides = [&decoder.sides[0][..], &decoder.sides[1][..]];
    let t_us = decoder.envelope.t_us as f64;
    Some(fold.snapshot(decoder.token, sides, t_us, touched))
}

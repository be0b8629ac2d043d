use memchr::memchr;
use polaris_book::{Fault, Fold, Touched};

use crate::line::{Decoder, Envelope, Kind, envelope};
use crate::scan::Scan;
use crate::tape_walk::OF_BOOKS;

/// Why a walk over lines ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Every line is folded.
    End,
    /// The next line is for the reference reader: another event, a rare form, or damage.
    Unsupported,
    /// The next line stands behind the last sequence number asked for, or something is due before it.
    Due,
    /// The next line cannot be folded.
    Fault(Fault),
    /// The next line is folded, alone in what was touched, and someone has to look at what that did.
    Actionable,
}

/// How far the walk came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Why it ended.
    pub stop: Stop,
    /// Where the line begins that it ended at.
    pub at: usize,
    /// Lines before it.
    pub lines: u64,
    /// Level changes of the lines folded.
    pub changes: u64,
    /// `seq` of the last line before it; 0 for none, or the last turn's.
    pub seq: u64,
    /// Time of that line, in µs; 0 for none, or the last turn's.
    pub t_us: u64,
}

/// Where an engine stands that takes the lines as its inputs.
#[derive(Clone, Copy, Debug)]
pub struct Turns {
    /// `seq` of the last event.
    pub seq: u64,
    /// Its time, in µs.
    pub t_us: u64,
    /// When something else is due, in µs; infinite for never.
    pub due_us: f64,
}

/// What to walk over.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// Where the first line begins.
    pub start: usize,
    /// The last sequence number to be folded.
    pub until: u64,
    /// The head over these lines is known to be right: sums need no second look, and what concerns no book no first.
    pub is_proven: bool,
}

/// Folds whole lines into books for as long as they carry levels.
pub fn fold_lines(
    (decoder, fold): (&mut Decoder, &mut Fold),
    bytes: &[u8],
    asked: Asked,
    touched: &mut Touched,
) -> Progress {
    let mut progress = Progress::begin(asked.start, (0, 0));
    while let Some(rest) = rest(bytes, progress.at) {
        let (kind, length) = match decoder.next(rest, !asked.is_proven) {
            Ok((kind, length)) => (Some(kind), length),
            Err(_) if asked.is_proven => match skipped(decoder, rest) {
                Some(length) => (None, length),
                None => return progress.stopped(Stop::Unsupported),
            },
            Err(_) => return progress.stopped(Stop::Unsupported),
        };
        if decoder.envelope.seq > asked.until {
            return progress.stopped(Stop::Due);
        }
        if let Some(kind) = kind
            && let Err(fault) = fold_one(kind, decoder, fold, touched)
        {
            return progress.stopped(Stop::Fault(fault));
        }
        progress.passed(length, kind, decoder);
    }
    progress
}

/// Takes lines as the inputs of an engine for as long as they follow each other, nothing is due before them, and none
/// of them gives the engine anything to do: no notice, no trust that moved, no trigger that fires, nothing of interest. Batches are
/// marked with numbers below `touched.mark`, downwards, and the last is left in it.
pub fn walk_turns(
    (decoder, fold): (&mut Decoder, &mut Fold),
    bytes: &[u8],
    asked: Asked,
    turns: Turns,
    touched: &mut Touched,
) -> Progress {
    let mut progress = Progress::begin(asked.start, (turns.seq, turns.t_us));
    while let Some(rest) = rest(bytes, progress.at) {
        let Ok((kind, length)) = decoder.next(rest, !asked.is_proven) else {
            return progress.stopped(Stop::Unsupported);
        };
        let Envelope { seq, t_us, cause } = decoder.envelope;
        if seq > asked.until || t_us as f64 >= turns.due_us {
            return progress.stopped(Stop::Due);
        }
        if seq != progress.seq + 1 || t_us < progress.t_us || cause != 0 {
            return progress.stopped(Stop::Unsupported);
        }
        touched.restart(touched.mark - 1.0);
        if let Err(fault) = fold_one(kind, decoder, fold, touched) {
            return progress.stopped(Stop::Fault(fault));
        }
        if kind == Kind::Trade {
            touched.is_wanted = fold.is_trade_wanted(decoder.trade.token);
        }
        if fold.is_actionable(touched) {
            return progress.stopped(Stop::Actionable);
        }
        progress.passed(length, Some(kind), decoder);
    }
    progress
}

impl Progress {
    /// Before the first line, or behind an engine's last turn.
    pub(crate) const fn begin(at: usize, (seq, t_us): (u64, u64)) -> Self {
        Self {
            stop: Stop::End,
            at,
            lines: 0,
            changes: 0,
            seq,
            t_us,
        }
    }

    #[inline]
    pub(crate) fn stopped(mut self, stop: Stop) -> Self {
        self.stop = stop;
        self
    }

    #[inline]
    fn passed(&mut self, length: usize, kind: Option<Kind>, decoder: &Decoder) {
        if kind == Some(Kind::Changed) {
            self.changes += decoder.changes.len() as u64;
        }
        self.lines += 1;
        self.seq = decoder.envelope.seq;
        self.t_us = decoder.envelope.t_us;
        self.at += length;
    }
}

#[inline]
fn rest(bytes: &[u8], at: usize) -> Option<&[u8]> {
    bytes.get(at..).filter(|rest| !rest.is_empty())
}

#[inline]
fn fold_one(
    kind: Kind,
    decoder: &Decoder,
    fold: &mut Fold,
    touched: &mut Touched,
) -> Result<(), Fault> {
    let t_us = decoder.envelope.t_us as f64; // exact: at most 2^53 − 1
    match kind {
        Kind::Changed => fold.change(&decoder.changes, t_us, touched),
        Kind::Snapshot => {
            let sides = [&decoder.sides[0][..], &decoder.sides[1][..]];
            fold.snapshot(decoder.token, sides, t_us, touched)
        }
        Kind::Trade => Ok(()),
    }
}

/// The length of a line that ends a commit, or whose event concerns neither books nor what is listed; `None` where it may.
fn skipped(decoder: &mut Decoder, rest: &[u8]) -> Option<usize> {
    let mut scan = Scan::new(rest);
    if scan.text(br#"{"commit":"#).is_some() {
        return Some(memchr(b'\n', rest)? + 1);
    }
    decoder.envelope = envelope(&mut scan).ok()?;
    let name = scan.until(|byte| !byte.is_ascii_alphanumeric());
    if OF_BOOKS.contains(&name) {
        return None;
    }
    Some(memchr(b'\n', rest)? + 1)
}

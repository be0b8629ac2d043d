use memchr::memchr;
use polaris_book::{Fault, Fold, Touched};

use crate::line::{Decoder, Kind};

/// Why the walk over lines ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Every line is folded.
    End,
    /// The next line is for the reference reader: another event, a rare form, or damage.
    Foreign,
    /// The next line stands behind the last sequence number asked for.
    Behind,
    /// The next line cannot be folded.
    Fault(Fault),
}

/// How far the walk came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Why it ended.
    pub stop: Stop,
    /// Where the line begins that it ended at.
    pub at: usize,
    /// Level changes of the lines folded.
    pub changes: u64,
    /// `seq` of the last line folded; 0 for none.
    pub seq: u64,
    /// Time of the last line folded, in µs; 0 for none.
    pub t_us: u64,
}

/// Folds whole lines from `start` on, as long as they carry levels and stand at most at `until`.
pub fn fold_lines(
    (decoder, fold): (&mut Decoder, &mut Fold),
    bytes: &[u8],
    (start, until): (usize, u64),
    touched: &mut Touched,
) -> Progress {
    let mut progress = Progress {
        stop: Stop::End,
        at: start,
        changes: 0,
        seq: 0,
        t_us: 0,
    };
    while let Some(rest) = bytes.get(progress.at..).filter(|rest| !rest.is_empty()) {
        let length = memchr(b'\n', rest).unwrap_or(rest.len());
        let Ok(kind) = decoder.line(&rest[..length]) else {
            progress.stop = Stop::Foreign;
            return progress;
        };
        let envelope = decoder.envelope;
        if envelope.seq > until {
            progress.stop = Stop::Behind;
            return progress;
        }
        let t_us = envelope.t_us as f64; // exact: at most 2^53 − 1
        let folded = match kind {
            Kind::Changed => fold.change(&decoder.changes, t_us, touched),
            Kind::Snapshot => {
                let sides = [&decoder.sides[0][..], &decoder.sides[1][..]];
                fold.snapshot(decoder.token, sides, t_us, touched)
            }
        };
        if let Err(fault) = folded {
            progress.stop = Stop::Fault(fault);
            return progress;
        }
        if kind == Kind::Changed {
            progress.changes += decoder.changes.len() as u64;
        }
        progress.seq = envelope.seq;
        progress.t_us = envelope.t_us;
        progress.at += length + 1;
    }
    progress
}

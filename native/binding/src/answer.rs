use polaris_book::{Fault, Touched};
use polaris_wire::{Progress, Stop, WalkStop, Walked};

use crate::numbers;

/// Numbers before the tokens in what a call answers: `HEAD` in `engine/native/addon.ts`.
const HEAD: usize = 10;

/// What a call answers first: `CODES` in `engine/native/addon.ts`.
#[derive(Clone, Copy)]
pub enum Code {
    Done = 0,
    Unlisted = 1,
    NotATick = 2,
    OutOfRange = 3,
    Unsupported = 4,
    Due = 5,
    Actionable = 6,
    Full = 8,
}

/// The head of an answer, before what was touched is counted.
pub struct Answer {
    code: Code,
    /// The token or the tick that a code is about.
    about: f64,
    /// `at`, `lines`, `changes`, `seq` and `t_us` of a `Progress`; zeros for every other call.
    progress: [f64; 5],
}

impl Answer {
    pub const fn of(code: Code, about: f64) -> Self {
        Self {
            code,
            about,
            progress: [0.0; 5],
        }
    }

    pub fn fault(fault: Fault) -> Self {
        match fault {
            Fault::Unlisted(token) => Self::of(Code::Unlisted, token as f64),
            Fault::NotATick(tick) => Self::of(Code::NotATick, f64::from(tick)),
        }
    }

    pub fn result(result: Result<(), Fault>) -> Self {
        result.map_or_else(Self::fault, |()| Self::of(Code::Done, 0.0))
    }

    pub const fn out_of_range() -> Self {
        Self::of(Code::OutOfRange, 0.0)
    }

    /// Where a walk came to.
    pub fn walked(progress: &Progress) -> Self {
        let ended = match progress.stop {
            Stop::End => Self::of(Code::Done, 0.0),
            Stop::Unsupported => Self::of(Code::Unsupported, 0.0),
            Stop::Due => Self::of(Code::Due, 0.0),
            Stop::Actionable => Self::of(Code::Actionable, 0.0),
            Stop::Fault(fault) => Self::fault(fault),
        };
        let whole = [
            progress.lines,
            progress.changes,
            progress.seq,
            progress.t_us,
        ];
        let [lines, changes, seq, t_us] = whole.map(|number| number as f64);
        Self {
            progress: [progress.at as f64, lines, changes, seq, t_us],
            ..ended
        }
    }

    /// Where a walk over a recording came to.
    pub fn recording(walked: &Walked) -> Self {
        let ended = match walked.stop {
            WalkStop::End => Self::of(Code::Done, 0.0),
            WalkStop::Unsupported => Self::of(Code::Unsupported, 0.0),
            WalkStop::Due => Self::of(Code::Due, 0.0),
            WalkStop::Actionable => Self::of(Code::Actionable, 0.0),
            WalkStop::Full => Self::of(Code::Full, 0.0),
            WalkStop::Fault(fault) => Self::fault(fault),
        };
        let lines = walked.lines as u64;
        let whole = [
            walked.at as u64,
            lines,
            walked.changes,
            walked.seq,
            walked.t_us,
        ];
        Self {
            progress: whole.map(|number| number as f64),
            ..ended
        }
    }

    /// Writes the head, then tokens, notices and triggers if they all fit; the head says how many there are.
    pub fn tell(&self, touched: &Touched, out: &mut [f64]) {
        let (tokens, notices, fired) = (
            touched.tokens.len(),
            touched.notices.len(),
            touched.fired.len(),
        );
        let counts = [tokens as f64, notices as f64, fired as f64];
        let [at, lines, changes, seq, t_us] = self.progress;
        let code = f64::from(self.code as u8);
        let head: [f64; HEAD] = [
            code, self.about, counts[0], counts[1], counts[2], at, lines, changes, seq, t_us,
        ];
        let Some((first, rest)) = out.split_first_chunk_mut::<HEAD>() else {
            return;
        };
        *first = head;
        if rest.len() < tokens + notices * numbers::NOTICE + fired {
            return;
        }
        let tokens = touched.tokens.iter().map(|&token| token as f64);
        let notices = touched.notices.iter().flat_map(numbers::notice);
        let fired = touched.fired.iter().map(|&id| f64::from(id));
        rest.iter_mut()
            .zip(tokens.chain(notices).chain(fired))
            .for_each(|(to, number)| *to = number);
    }
}

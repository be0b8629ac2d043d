use polaris_book::{Fault, Fold, Touched};

use crate::frame::Frame;
use crate::frame_hot::hot_message;
use crate::line_text::LineText;
use crate::tokens::Tokens;

/// Why a walk over a recording ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WalkStop {
    /// No byte is left.
    End,
    /// What follows is for the reference reader.
    Unsupported,
    /// Something else is due before the next message.
    Due,
    /// The next message cannot be folded.
    Fault(Fault),
    /// The next message is folded, alone in what was touched, and someone has to look at what that did.
    Actionable,
    /// There is no room for the next line.
    Full,
}

/// Where an engine stands, and where in a recording the next thing does.
#[derive(Clone, Copy, Debug)]
pub struct WalkFrom {
    /// Offset of the first byte that was not looked at.
    pub at: usize,
    /// How many arrays are open there.
    pub lists: u64,
    /// `seq` and time, in µs, of the last event.
    pub seq: u64,
    /// See `seq`.
    pub t_us: u64,
    /// When something else is due, in µs; infinite for never.
    pub due_us: f64,
    /// Whether changes whose hash cannot be checked may pass: the first one is the reference's, which says where it stands.
    pub is_told: bool,
    /// Hashes that may be checked: the reference says how many were, now and then.
    pub checks: u64,
    /// The source's time so far, µs: a stamp before it is the reference's affair.
    pub stamp_us: f64,
    /// How far a stamp may be ahead of the one before it, µs.
    pub bound_us: f64,
    /// The last stamp that may be taken at all, µs.
    pub latest_us: f64,
}

/// How far a walk came.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Walked {
    /// Why it ended.
    pub stop: WalkStop,
    /// Offset of what it ended at.
    pub at: usize,
    /// Arrays open there.
    pub lists: u64,
    /// Line feeds before it.
    pub feeds: u64,
    /// Messages taken; each is a line.
    pub lines: usize,
    /// Level changes in them.
    pub changes: u64,
    /// Of these, hashes of whole books that are the venue's; the others had none that can be checked.
    pub checked: u64,
    /// `seq` and time of the last of them; where there is none, as before.
    pub seq: u64,
    /// See `seq`.
    pub t_us: u64,
    /// Bytes of their lines.
    pub length: usize,
    /// The source's time behind them: the last stamp, µs.
    pub stamp_us: f64,
}

/// Takes messages of a recording as the inputs of an engine, and writes the lines that a log keeps of them, for as long as
/// they are `price_change`s in the usual form of known tokens whose hashes are right, nothing is due before them, and none of
/// them gives the engine anything to do: see `walk_turns`. `ends` gets where each line ends, and 1 for its one event.
pub fn walk_frames(
    bytes: &[u8],
    from: WalkFrom,
    (tokens, frame): (&mut Tokens, &mut Frame),
    (fold, touched): (&mut Fold, &mut Touched),
    (text, ends): (&mut LineText<'_>, &mut [u32]),
) -> Walked {
    let (ends, _) = ends.as_chunks_mut::<2>();
    let mut ends = ends.iter_mut();
    let mut walked = Walked {
        stop: WalkStop::End,
        at: from.at,
        lists: from.lists,
        feeds: 0,
        lines: 0,
        changes: 0,
        checked: 0,
        seq: from.seq,
        t_us: from.t_us,
        length: 0,
        stamp_us: from.stamp_us,
    };
    loop {
        match bytes.get(walked.at) {
            None => return walked,
            Some(b'{') => {}
            Some(&byte) => {
                if !walked.is_between(byte) {
                    return walked.stopped(WalkStop::Unsupported);
                }
                walked.at += 1;
                continue;
            }
        }
        frame.restart();
        let Some(behind) = hot_message(bytes, walked.at, tokens.ids(), frame) else {
            return walked.stopped(WalkStop::Unsupported);
        };
        let stamp = frame.messages.first().map_or(0, |one| one.t_us);
        let stamp_us = stamp as f64;
        if stamp_us < walked.stamp_us
            || stamp_us > (walked.stamp_us + from.bound_us).min(from.latest_us)
        {
            return walked.stopped(WalkStop::Unsupported);
        }
        let t_us = stamp.max(walked.t_us);
        if t_us as f64 >= from.due_us {
            return walked.stopped(WalkStop::Due);
        }
        if !text.has_room(frame.rows.len()) {
            // A line that no call has room for is the reference's affair.
            let is_alone = walked.lines == 0;
            return walked.stopped(if is_alone {
                WalkStop::Unsupported
            } else {
                WalkStop::Full
            });
        }
        let Some(end) = ends.next() else {
            return walked.stopped(WalkStop::Full);
        };
        let left = from.checks - walked.checked;
        let Some(checked) = tokens.follow(bytes, frame, (from.is_told, left)) else {
            return walked.stopped(WalkStop::Unsupported);
        };
        touched.restart(touched.mark - 1.0);
        if let Err(fault) = fold.change(&frame.rows, t_us as f64, touched) {
            return walked.stopped(WalkStop::Fault(fault));
        }
        if fold.is_actionable(touched) {
            return walked.stopped(WalkStop::Actionable);
        }
        text.changed(walked.seq + 1, t_us, &frame.rows);
        walked.length = text.length();
        *end = [walked.length as u32, 1];
        walked.at = behind;
        walked.lines += 1;
        walked.checked += checked;
        walked.changes += frame.rows.len() as u64;
        walked.seq += 1;
        walked.t_us = t_us;
        walked.stamp_us = stamp_us;
    }
}

impl Walked {
    const fn stopped(mut self, stop: WalkStop) -> Self {
        self.stop = stop;
        self
    }

    /// Passes a byte that may stand between messages; false for one that may not.
    const fn is_between(&mut self, byte: u8) -> bool {
        match byte {
            b'\n' => self.feeds += 1,
            b'[' => self.lists += 1,
            b']' if self.lists > 0 => self.lists -= 1,
            b' ' | b'\t' | b'\r' | b',' => {}
            _ => return false,
        }
        true
    }
}

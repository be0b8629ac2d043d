use memchr::memchr;
use polaris_book::{Change, Fault, Fold, Side, Touched};

use crate::frame::{Frame, Message, MessageKind};
use crate::frame_fault::FrameFault;
use crate::frame_reader::read_frame;
use crate::ids::{TokenIds, UNKNOWN};

/// Why a walk over frames ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FramesStop {
    /// Every frame is folded.
    End,
    /// The next frame cannot be read, and nothing of it is folded; offsets are within all the bytes.
    Malformed(FrameFault),
    /// A frame cannot be folded; what stands before that place in it is.
    Fault(Fault),
}

/// Rows that were not folded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unfolded {
    /// Rows, and books, of tokens that nobody registered.
    pub unknown: u64,
    /// Rows that are no level.
    pub unfit: u64,
}

/// How far a walk over frames came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FramesProgress {
    /// Why it ended.
    pub stop: FramesStop,
    /// Where the frame ends that was looked at last.
    pub next: usize,
    /// Frames folded.
    pub frames: u64,
    /// Level changes folded; levels of whole books do not count.
    pub changes: u64,
    /// What was not.
    pub unfolded: Unfolded,
    /// The latest time that a message stated, µs.
    pub t_us: u64,
}

/// Folds frames from `start` on: each ends at one of `ends`, or with a line where there are none. Blank lines are none.
pub fn fold_frames(
    (bytes, start): (&[u8], usize),
    ends: Option<&[f64]>,
    (ids, frame): (&TokenIds, &mut Frame),
    fold: &mut Fold,
    touched: &mut Touched,
) -> FramesProgress {
    let mut progress = FramesProgress {
        stop: FramesStop::End,
        next: start.min(bytes.len()),
        frames: 0,
        changes: 0,
        unfolded: Unfolded::default(),
        t_us: 0,
    };
    let mut ends = ends.map(<[f64]>::iter);
    loop {
        let from = progress.next;
        let rest = bytes.get(from..).unwrap_or(&[]);
        let length = match &mut ends {
            Some(ends) => match ends.next() {
                // Casts saturate, and what is no place in the bytes is cut to one.
                Some(&end) => (end as usize).clamp(from, bytes.len()) - from,
                None => return progress,
            },
            None if rest.is_empty() => return progress,
            None => memchr(b'\n', rest).map_or(rest.len(), |end| end + 1),
        };
        progress.next = from + length;
        let one = &rest[..length];
        if ends.is_none() && one.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        if let Err(FrameFault { at, expected }) = read_frame(one, ids, frame) {
            let at = from + at;
            progress.stop = FramesStop::Malformed(FrameFault { at, expected });
            return progress;
        }
        if let Err(fault) = fold_frame(frame, fold, touched, &mut progress) {
            progress.stop = FramesStop::Fault(fault);
            return progress;
        }
        progress.frames += 1;
    }
}

/// Folds a frame that was read, and counts that.
///
/// # Errors
/// `Unlisted` where a registered token has no book; what stands before it is folded then.
#[inline]
pub fn fold_frame(
    frame: &Frame,
    fold: &mut Fold,
    touched: &mut Touched,
    progress: &mut FramesProgress,
) -> Result<(), Fault> {
    for message in &frame.messages {
        progress.t_us = progress.t_us.max(message.t_us);
        let rows = frame.rows_of(message);
        match message.kind {
            MessageKind::PriceChange if !frame.is_odd => {
                fold.change(rows, message.t_us as f64, touched)?;
                progress.changes += rows.len() as u64;
            }
            MessageKind::PriceChange => {
                let whole = sifted(frame, message, &mut progress.unfolded);
                fold.change(&whole, message.t_us as f64, touched)?;
                progress.changes += whole.len() as u64;
            }
            MessageKind::Book => restate(frame, message, (fold, touched), &mut progress.unfolded)?,
            MessageKind::TickSize => {
                for row in rows {
                    if row.token == UNKNOWN {
                        progress.unfolded.unknown += 1;
                    } else {
                        fold.regrid(row.token, row.size as u32, touched)?;
                    }
                }
            }
            MessageKind::Trade | MessageKind::Other => {}
        }
        fold.evaluate(touched);
    }
    Ok(())
}

/// The rows of a message that are levels of known tokens.
#[cold]
fn sifted(frame: &Frame, message: &Message, unfolded: &mut Unfolded) -> Vec<Change> {
    let mut whole = Vec::with_capacity(message.rows as usize);
    let spans = frame.spans.get(message.row as usize..).unwrap_or(&[]);
    for (row, spans) in frame.rows_of(message).iter().zip(spans) {
        if row.token == UNKNOWN {
            unfolded.unknown += 1;
        } else if spans.unfit != 0 {
            unfolded.unfit += 1;
        } else {
            whole.push(*row);
        }
    }
    whole
}

fn restate(
    frame: &Frame,
    message: &Message,
    (fold, touched): (&mut Fold, &mut Touched),
    unfolded: &mut Unfolded,
) -> Result<(), Fault> {
    if message.asset_token == UNKNOWN {
        unfolded.unknown += 1;
        return Ok(());
    }
    let mut sides: [Vec<(u32, u64)>; 2] = Default::default();
    for row in sifted(frame, message, unfolded) {
        if row.size > 0 {
            sides[usize::from(row.side == Side::Ask)].push((row.price, row.size));
        }
    }
    let [bids, asks] = &sides;
    fold.snapshot(
        message.asset_token,
        [bids, asks],
        message.t_us as f64,
        touched,
    )
}

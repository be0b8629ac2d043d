use std::io;
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};

use crate::disk::Disk;
use crate::framer::{COMMIT_BYTES_MAX, Framing, Position, Turn};
use crate::head::HeadMark;
use crate::queue::{Goal, Shared, lock};
use crate::writer::{Fault, Writer};

/// Bytes that may wait to be written: twice what makes a caller that minds wait (`PENDING_BYTES_MAX`).
pub const PENDING_BYTES_MAX: u64 = 16 * COMMIT_BYTES_MAX as u64;

/// When lines are synced: before they are acknowledged, at least once a second (and acknowledged then), or never.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// Before each acknowledgement.
    Commit,
    /// At least once a second.
    Interval,
    /// Never, but for a new file, at a roll and at the end.
    None,
}

/// How a run is kept.
#[derive(Clone, Debug)]
pub struct Keeping {
    /// Where commits and segments end.
    pub framing: Framing,
    /// When lines are synced.
    pub durability: Durability,
    /// Closes the open commit whenever the disk is free; else only when it is full or `close` says so.
    pub is_eager: bool,
}

/// How far the writer came.
#[derive(Clone, Debug, Default)]
pub struct Status {
    /// Behind the last durable commit.
    pub durable: Position,
    /// Behind the last commit that is synced: the same, but for durability `None`.
    pub synced: Position,
    /// Why it stopped before it was told to. Final.
    pub fault: Option<Fault>,
    /// Whether the thread is over, in order or not.
    pub has_ended: bool,
}

/// Why bytes were not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// More than `PENDING_BYTES_MAX` would wait: the caller did not.
    Full,
    /// The writer stopped.
    Over,
    /// The turns do not say where the bytes end, or one does not end with a newline.
    Torn,
}

/// The log of one run, written by a thread of its own. Turns go in, in order; how far they are durable comes back through
/// `status`, and `notify` is called from the thread whenever that has changed. Dropping it ends the thread as `end` does.
pub struct Journal {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Journal {
    /// Starts the thread behind `at`: a new run at `Position::default()`, else the last commit of a segment that is there.
    ///
    /// # Errors
    ///
    /// Where there can be no thread. What the disk says comes through `status`.
    pub fn open(
        keeping: Keeping,
        at: Position,
        disk: Box<dyn Disk>,
        notify: Box<dyn Fn() + Send>,
    ) -> io::Result<Self> {
        let shared = Arc::new(Shared::new(at));
        let writer = Writer::new((Arc::clone(&shared), keeping), disk, at, notify);
        let thread = Builder::new()
            .name("polaris-journal".to_owned())
            .spawn(move || writer.run())?;
        Ok(Self {
            shared,
            thread: Some(thread),
        })
    }

    /// Takes whole turns: their event lines, copied once, and where each ends. `close` ends the commit behind them.
    ///
    /// # Errors
    ///
    /// `Refused`: nothing was taken.
    pub fn append(&self, lines: &[u8], ends: &[Turn], close: bool) -> Result<(), Refused> {
        if !are_whole(lines, ends) {
            return Err(Refused::Torn);
        }
        let shared = &self.shared;
        if shared.pending_bytes() + lines.len() as u64 > PENDING_BYTES_MAX {
            return Err(Refused::Full);
        }
        if lock(&shared.status).has_ended {
            return Err(Refused::Over);
        }
        shared.hand_over(lines, ends, close);
        Ok(())
    }

    /// Bytes of event lines that were taken and are not written.
    pub fn pending(&self) -> u64 {
        self.shared.pending_bytes()
    }

    /// How far the writer came.
    pub fn status(&self) -> Status {
        lock(&self.shared.status).clone()
    }

    /// What is closed is synced soon, at any durability.
    pub fn sync(&self) {
        self.shared.wake_for(Goal::Sync);
    }

    /// Closes the open commit and says where it ends, durable or not; nothing where that place cannot be gone on from.
    /// Waits for framing, never for the disk, but for the segment to be read where the run was just resumed.
    pub fn mark(&self) -> Option<(Position, HeadMark)> {
        let mut framer = self.shared.framer();
        let framer = framer.as_mut()?;
        self.shared.frame(framer, usize::MAX);
        framer.close();
        self.shared.wake_for(Goal::Write);
        framer.mark()
    }

    /// Lets the thread write and sync all that was taken and closed, and end.
    pub fn end(&self) {
        self.shared.wake_for(Goal::End);
    }

    /// Ends the thread and waits for it.
    pub fn join(mut self) -> Status {
        self.end();
        if let Some(thread) = self.thread.take() {
            // A panic stands in the status.
            let _ = thread.join();
        }
        self.status()
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.end();
    }
}

fn are_whole(lines: &[u8], ends: &[Turn]) -> bool {
    let mut start = 0;
    for &Turn { end, events } in ends {
        let ends_well = end > start && lines.get(end - 1) == Some(&b'\n');
        if !ends_well || events == 0 {
            return false;
        }
        start = end;
    }
    start == lines.len()
}

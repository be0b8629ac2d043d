use std::collections::VecDeque;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle};

use crate::disk::Disk;
use crate::framer::{COMMIT_BYTES_MAX, Framer, Framing, Position, Turn};
use crate::head::HeadMark;
use crate::writer::{Fault, Writer};

/// Bytes that may wait to be written: twice what makes a caller that minds wait (`PENDING_BYTES_MAX`).
pub const PENDING_BYTES_MAX: u64 = 16 * COMMIT_BYTES_MAX as u64;
/// Buffers that are kept for the next bytes that are handed over.
const SPARE_MAX: usize = 32;

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

/// What the writer is to reach, beyond writing what is there. Later ones include earlier ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Goal {
    Write,
    /// All that is written is to be synced.
    Sync,
    End,
}

struct Handed {
    bytes: Vec<u8>,
    turns: Vec<Turn>,
    /// Closes the commit behind them.
    close: bool,
}

pub(crate) struct Inbox {
    pub(crate) queue: VecDeque<Waiting>,
    spare: Vec<(Vec<u8>, Vec<Turn>)>,
    pub(crate) goal: Goal,
    /// There is something to do that does not stand in the queue.
    pub(crate) is_poked: bool,
    /// The thread waits, or is about to.
    pub(crate) is_waiting: bool,
}

impl Inbox {
    pub(crate) fn has_work(&self) -> bool {
        self.goal != Goal::Write || self.is_poked || !self.queue.is_empty()
    }
}

/// Turns that wait to be framed.
pub(crate) struct Waiting(Handed);

pub(crate) struct Shared {
    pub(crate) inbox: Mutex<Inbox>,
    pub(crate) wake: Condvar,
    /// Locked before `inbox` where both are. Never while the disk works.
    pub(crate) framer: Mutex<Option<Framer>>,
    /// There is a framer now, or there will be none.
    settled: Condvar,
    pub(crate) status: Mutex<Status>,
    pending: AtomicU64,
}

/// A lock that a panic of another thread does not take away: what it guards is whole between two statements.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    /// Frames what waits, in order, until so many bytes are closed. Answers whether that was all.
    pub(crate) fn frame(&self, framer: &mut Framer, most: usize) -> bool {
        while framer.closed_bytes() < most {
            let Some(Waiting(Handed {
                bytes,
                turns,
                close,
            })) = lock(&self.inbox).queue.pop_front()
            else {
                return true;
            };
            let mut start = 0;
            for &Turn { end, events } in &turns {
                framer.turn(&bytes[start..end], events);
                start = end;
            }
            if close {
                framer.close();
            }
            let mut inbox = lock(&self.inbox);
            if inbox.spare.len() < SPARE_MAX {
                inbox.spare.push((bytes, turns));
            }
        }
        lock(&self.inbox).queue.is_empty()
    }

    /// The framer, once it stands; none where the thread is over.
    fn framer(&self) -> MutexGuard<'_, Option<Framer>> {
        let is_coming =
            |framer: &mut Option<Framer>| framer.is_none() && !lock(&self.status).has_ended;
        self.settled
            .wait_while(lock(&self.framer), is_coming)
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes who waits for the framer: it stands, or the thread is over.
    pub(crate) fn settle(&self) {
        // Whoever looked before this lock waits by now, and is woken.
        drop(lock(&self.framer));
        self.settled.notify_all();
    }

    pub(crate) fn taken_off(&self, event_bytes: u64) {
        self.pending.fetch_sub(event_bytes, Ordering::AcqRel);
    }

    fn wake_for(&self, goal: Goal) {
        let mut inbox = lock(&self.inbox);
        inbox.goal = inbox.goal.max(goal);
        inbox.is_poked = true;
        drop(inbox);
        self.wake.notify_one();
    }
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
        let shared = Arc::new(Shared {
            inbox: Mutex::new(Inbox {
                queue: VecDeque::new(),
                spare: Vec::new(),
                goal: Goal::Write,
                is_poked: false,
                is_waiting: false,
            }),
            wake: Condvar::new(),
            framer: Mutex::new(None),
            settled: Condvar::new(),
            status: Mutex::new(Status {
                durable: at,
                synced: at,
                ..Status::default()
            }),
            pending: AtomicU64::new(0),
        });
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
        let length = lines.len() as u64;
        if shared.pending.load(Ordering::Acquire) + length > PENDING_BYTES_MAX {
            return Err(Refused::Full);
        }
        if lock(&shared.status).has_ended {
            return Err(Refused::Over);
        }
        let (mut bytes, mut turns) = lock(&shared.inbox).spare.pop().unwrap_or_default();
        bytes.clear();
        bytes.extend_from_slice(lines);
        turns.clear();
        turns.extend_from_slice(ends);
        shared.pending.fetch_add(length, Ordering::AcqRel);
        let mut inbox = lock(&shared.inbox);
        inbox.queue.push_back(Waiting(Handed {
            bytes,
            turns,
            close,
        }));
        let is_waiting = inbox.is_waiting;
        drop(inbox);
        // A call of the system, even where nobody waits.
        if is_waiting {
            shared.wake.notify_one();
        }
        Ok(())
    }

    /// Bytes of event lines that were taken and are not written.
    pub fn pending(&self) -> u64 {
        self.shared.pending.load(Ordering::Acquire)
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

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use crate::framer::{Framer, Position, Turn};
use crate::journal::Status;

/// Buffers that are kept for the next bytes that are handed over.
const SPARE_MAX: usize = 32;

/// What the writer is to reach, beyond writing what is there. Later ones include earlier ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Goal {
    Write,
    /// All that is written is to be synced.
    Sync,
    End,
}

/// Turns that wait to be framed.
pub(crate) struct Pending {
    bytes: Vec<u8>,
    turns: Vec<Turn>,
    /// Closes the commit behind them.
    close: bool,
}

/// What was handed over to the thread and not yet taken.
pub(crate) struct Inbox {
    pub(crate) queue: VecDeque<Pending>,
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

/// What the caller and the thread of the writer share.
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
    /// Nothing waits; the last commit ends at `at`.
    pub(crate) fn new(at: Position) -> Self {
        Self {
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
        }
    }

    /// Bytes of event lines that were taken and are not written.
    pub(crate) fn pending_bytes(&self) -> u64 {
        self.pending.load(Ordering::Acquire)
    }

    /// Copies whole turns for the thread, and wakes it where it waits.
    pub(crate) fn hand_over(&self, lines: &[u8], ends: &[Turn], close: bool) {
        let (mut bytes, mut turns) = lock(&self.inbox).spare.pop().unwrap_or_default();
        bytes.clear();
        bytes.extend_from_slice(lines);
        turns.clear();
        turns.extend_from_slice(ends);
        self.pending.fetch_add(lines.len() as u64, Ordering::AcqRel);
        let mut inbox = lock(&self.inbox);
        inbox.queue.push_back(Pending {
            bytes,
            turns,
            close,
        });
        let is_waiting = inbox.is_waiting;
        drop(inbox);
        // A call of the system, even where nobody waits.
        if is_waiting {
            self.wake.notify_one();
        }
    }

    /// Frames what waits, in order, until so many bytes are closed. Answers whether that was all.
    pub(crate) fn frame(&self, framer: &mut Framer, most: usize) -> bool {
        while framer.closed_bytes() < most {
            let Some(Pending {
                bytes,
                turns,
                close,
            }) = lock(&self.inbox).queue.pop_front()
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
    pub(crate) fn framer(&self) -> MutexGuard<'_, Option<Framer>> {
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

    pub(crate) fn wake_for(&self, goal: Goal) {
        let mut inbox = lock(&self.inbox);
        inbox.goal = inbox.goal.max(goal);
        inbox.is_poked = true;
        drop(inbox);
        self.wake.notify_one();
    }
}

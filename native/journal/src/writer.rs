use std::fmt::Display;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::disk::{Disk, SegmentFile};
use crate::framer::{Framer, GROUP_BYTES, Position};
use crate::head::Head;
use crate::journal::{Durability, Keeping};
use crate::queue::{Goal, Shared, lock};
use crate::segment::{name_of, rehash};

/// At durability `Interval`, a written commit is synced at least this often.
const SYNC_EVERY: Duration = Duration::from_secs(1);

/// Where commits are closed as soon as the disk is free, the thread stays awake this long: waking it costs some 50 µs.
const AWAKE: Duration = Duration::from_micros(600);

/// Why the writer stopped, in words: what the system said, the call and the file.
pub type Fault = String;

/// The thread that writes: frames what was handed over, writes and syncs it, says how far it came. The first failure
/// ends it; nothing is retried on that descriptor.
pub struct Writer {
    shared: Arc<Shared>,
    keeping: Keeping,
    disk: Box<dyn Disk>,
    notify: Box<dyn Fn() + Send>,
    file: Option<Box<dyn SegmentFile>>,
    segment: u64,
    /// Whether only a sync makes what was written durable, at any setting: a new file has no entry until then.
    is_new: bool,
    is_dirty: bool,
    /// Whether closed commits wait that did not fit into the last round.
    has_more: bool,
    /// What is to be reached, until it is.
    goal: Goal,
    written: Position,
    durable: Position,
    synced: Position,
    synced_at: Instant,
}

impl Writer {
    pub fn new(
        (shared, keeping): (Arc<Shared>, Keeping),
        disk: Box<dyn Disk>,
        at: Position,
        notify: Box<dyn Fn() + Send>,
    ) -> Self {
        Self {
            shared,
            keeping,
            disk,
            notify,
            file: None,
            segment: 0,
            is_new: false,
            is_dirty: false,
            has_more: false,
            goal: Goal::Write,
            written: at,
            durable: at,
            synced: at,
            synced_at: Instant::now(),
        }
    }

    /// Writes until it is told to end, or fails.
    pub fn run(mut self) {
        let shared = Arc::clone(&self.shared);
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let done = self.resume().and_then(|()| self.write_on());
            self.file = None;
            let mut status = lock(&shared.status);
            status.fault = done.err();
            status.has_ended = true;
            drop(status);
            shared.settle();
            (self.notify)();
        }));
        if caught.is_err() {
            // The notifier went down with the writer: whoever asks next is told.
            let mut status = lock(&shared.status);
            status.fault = Some("the thread of the journal panicked".to_owned());
            status.has_ended = true;
            drop(status);
            shared.settle();
        }
    }

    /// Takes up a segment that is not over: its head is derived from its bytes and must be the one that is said.
    fn resume(&mut self) -> Result<(), Fault> {
        let shared = Arc::clone(&self.shared);
        // Held while there is no framer: nobody can mark before it stands.
        let mut framer = lock(&shared.framer);
        let at = self.written;
        let is_over = at.segment_bytes > self.keeping.framing.segment_bytes;
        let mut head = Head::new(&at.head);
        if at.segment > 0 && !is_over {
            let name = name_of(at.segment);
            let mut file = failing("open", &name, self.disk.reopen(&name))?;
            head = rehash(file.as_mut(), &at).map_err(|why| format!("{why}, {name}"))?;
            self.file = Some(file);
        }
        self.segment = at.segment;
        *framer = Some(Framer::new(self.keeping.framing.clone(), head, at));
        drop(framer);
        shared.settle();
        Ok(())
    }

    fn write_on(&mut self) -> Result<(), Fault> {
        loop {
            self.wait();
            self.frame();
            let mut bytes = 0;
            while bytes < GROUP_BYTES
                && let Some(length) = self.write_next()?
            {
                bytes += length;
            }
            self.has_more = bytes >= GROUP_BYTES;
            let is_asked = self.goal != Goal::Write && !self.has_more;
            if is_asked || self.is_sync_due() {
                self.sync()?;
            }
            if is_asked || self.keeping.durability == Durability::None || !self.is_dirty {
                self.durable = self.written;
            }
            if is_asked && self.goal == Goal::Sync {
                self.goal = Goal::Write;
            }
            let is_over = self.goal == Goal::End && bytes == 0;
            self.tell();
            if is_over {
                return Ok(());
            }
        }
    }

    /// Waits for something to do, and takes on what is wanted.
    fn wait(&mut self) {
        let shared = Arc::clone(&self.shared);
        if self.keeping.is_eager && !self.has_more {
            self.stay_awake();
        }
        let mut inbox = lock(&shared.inbox);
        loop {
            if self.has_more || self.goal != Goal::Write || inbox.has_work() {
                inbox.is_poked = false;
                inbox.is_waiting = false;
                self.goal = self.goal.max(inbox.goal);
                inbox.goal = Goal::Write;
                return;
            }
            inbox.is_waiting = true;
            if self.written == self.durable {
                inbox = shared
                    .wake
                    .wait(inbox)
                    .unwrap_or_else(std::sync::PoisonError::into_inner);
                continue;
            }
            let left = SYNC_EVERY.saturating_sub(self.synced_at.elapsed());
            if left.is_zero() {
                inbox.is_waiting = false;
                return;
            }
            inbox = shared
                .wake
                .wait_timeout(inbox, left)
                .unwrap_or_else(std::sync::PoisonError::into_inner)
                .0;
        }
    }

    /// Looks for work for a while without sleeping; whoever else wants the core has it.
    fn stay_awake(&self) {
        let since = Instant::now();
        while !lock(&self.shared.inbox).has_work() && since.elapsed() < AWAKE {
            std::thread::yield_now();
        }
    }

    /// Frames what was handed over, a group at most; the rest comes with the next round.
    fn frame(&self) {
        let mut framer = lock(&self.shared.framer);
        let Some(framer) = framer.as_mut() else {
            return;
        };
        let is_all = self.shared.frame(framer, GROUP_BYTES);
        if self.keeping.is_eager && is_all {
            framer.close();
        }
    }

    /// Writes the next closed commits of one segment; nothing where there are none.
    fn write_next(&mut self) -> Result<Option<usize>, Fault> {
        let shared = Arc::clone(&self.shared);
        let Some(batch) = lock(&shared.framer).as_mut().and_then(Framer::take) else {
            return Ok(None);
        };
        if batch.after.segment != self.segment {
            self.sync()?;
            if self.written != self.durable {
                self.durable = self.written;
                self.tell();
            }
            self.begin(batch.after.segment)?;
        }
        let name = name_of(self.segment);
        self.is_dirty = true;
        if let Some(file) = &mut self.file {
            failing("write", &name, write_all(file.as_mut(), &batch.bytes))?;
        }
        self.written = batch.after;
        shared.taken_off(batch.event_bytes);
        let length = batch.bytes.len();
        if let Some(framer) = lock(&shared.framer).as_mut() {
            framer.reuse(batch.bytes);
        }
        Ok(Some(length))
    }

    fn begin(&mut self, segment: u64) -> Result<(), Fault> {
        self.file = None;
        let name = name_of(segment);
        self.file = Some(failing("open", &name, self.disk.create(&name))?);
        self.segment = segment;
        self.is_new = true;
        Ok(())
    }

    fn is_sync_due(&self) -> bool {
        self.is_new
            || match self.keeping.durability {
                Durability::Commit => true,
                Durability::Interval => self.synced_at.elapsed() >= SYNC_EVERY,
                Durability::None => false,
            }
    }

    /// Makes all that was written durable: the file and, for a new one, its name.
    fn sync(&mut self) -> Result<(), Fault> {
        if !self.is_dirty {
            return Ok(());
        }
        let name = name_of(self.segment);
        if let Some(file) = &mut self.file {
            if self.is_new {
                failing("fsync", &name, file.sync_all())?;
                failing("fsync", "the run's directory", self.disk.sync_dir())?;
                self.is_new = false;
            } else {
                failing("fdatasync", &name, file.sync_data())?;
            }
        }
        self.is_dirty = false;
        self.synced_at = Instant::now();
        self.synced = self.written;
        Ok(())
    }

    fn tell(&self) {
        let mut status = lock(&self.shared.status);
        status.durable = self.durable;
        status.synced = self.synced;
        drop(status);
        (self.notify)();
    }
}

fn write_all(file: &mut dyn SegmentFile, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match file.write(bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => bytes = &bytes[written..],
            // No byte was taken: the call was never made.
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn failing<T>(call: &str, name: impl Display, result: io::Result<T>) -> Result<T, Fault> {
    result.map_err(|error| {
        let code = match error.raw_os_error() {
            Some(5) => "EIO: ",
            Some(27) => "EFBIG: ",
            Some(28) => "ENOSPC: ",
            _ => "",
        };
        format!("{code}{error}, {call} {name}")
    })
}

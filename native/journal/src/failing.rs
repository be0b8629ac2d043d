use std::io::{self, Error};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::disk::{Disk, SegmentFile};

/// How an operation fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The call fails: the system's error by its number.
    Errno(i32),
    /// A write takes only half. Every other call is as always.
    Short,
}

/// A disk that fails once, at the operation it is told: for tests of what happens then.
pub struct FailingDisk<D> {
    disk: D,
    plan: Plan,
}

#[derive(Clone)]
struct Plan {
    /// Which operation fails, from 1.
    op: u64,
    how: Failure,
    done: Arc<AtomicU64>,
}

impl<D: Disk> FailingDisk<D> {
    /// A disk whose operation `op`, counted from 1, fails. Reading counts for nothing.
    pub fn new(disk: D, op: u64, how: Failure) -> Self {
        let done = Arc::new(AtomicU64::new(0));
        Self {
            disk,
            plan: Plan { op, how, done },
        }
    }

    fn over(&self, file: Box<dyn SegmentFile>) -> Box<dyn SegmentFile> {
        let plan = self.plan.clone();
        Box::new(FailingFile { file, plan })
    }
}

impl Plan {
    /// Counts an operation. Answers whether it takes only a part.
    fn step(&self) -> io::Result<bool> {
        let op = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        match self.how {
            Failure::Errno(number) if op == self.op => Err(Error::from_raw_os_error(number)),
            how => Ok(op == self.op && how == Failure::Short),
        }
    }
}

impl<D: Disk> Disk for FailingDisk<D> {
    fn create(&mut self, name: &str) -> io::Result<Box<dyn SegmentFile>> {
        self.plan.step()?;
        let file = self.disk.create(name)?;
        Ok(self.over(file))
    }

    fn reopen(&mut self, name: &str) -> io::Result<Box<dyn SegmentFile>> {
        let file = self.disk.reopen(name)?;
        Ok(self.over(file))
    }

    fn sync_dir(&mut self) -> io::Result<()> {
        self.plan.step()?;
        self.disk.sync_dir()
    }
}

struct FailingFile {
    file: Box<dyn SegmentFile>,
    plan: Plan,
}

impl SegmentFile for FailingFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let is_short = self.plan.step()?;
        let part = if is_short {
            &bytes[..bytes.len().div_ceil(2)]
        } else {
            bytes
        };
        self.file.write(part)
    }

    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.file.read(into)
    }

    fn sync_data(&mut self) -> io::Result<()> {
        self.plan.step()?;
        self.file.sync_data()
    }

    fn sync_all(&mut self) -> io::Result<()> {
        self.plan.step()?;
        self.file.sync_all()
    }
}

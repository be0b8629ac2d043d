//! A disk in memory.

#![allow(dead_code)] // no test uses all of it

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Condvar, Mutex};

use polaris_journal::{Disk, SegmentFile};

/// What lies in a file, and how much of it a power cut leaves.
#[derive(Clone, Default)]
pub struct Kept {
    pub bytes: Vec<u8>,
    synced: usize,
    is_named: bool,
}

/// A disk in memory that counts its calls.
#[derive(Clone, Default)]
pub struct MemoryDisk {
    pub files: Arc<Mutex<BTreeMap<String, Kept>>>,
    pub calls: Arc<Mutex<u64>>,
    /// While it is shut, writes wait.
    gate: Arc<(Mutex<bool>, Condvar)>,
}

struct MemoryFile {
    disk: MemoryDisk,
    name: String,
    read: usize,
}

impl MemoryDisk {
    pub fn shut(&self, is_shut: bool) {
        *self.gate.0.lock().unwrap() = is_shut;
        self.gate.1.notify_all();
    }

    fn file(&self, name: &str) -> Box<dyn SegmentFile> {
        let (disk, name) = (self.clone(), name.to_owned());
        Box::new(MemoryFile {
            disk,
            name,
            read: 0,
        })
    }

    pub fn text(&self) -> String {
        let files = self.files.lock().unwrap();
        let all: Vec<u8> = files.values().flat_map(|kept| kept.bytes.clone()).collect();
        String::from_utf8(all).unwrap()
    }

    /// The sequence of the last commit line that a power cut would leave.
    pub fn survives(&self) -> u64 {
        let files = self.files.lock().unwrap();
        let left = files.values().filter(|kept| kept.is_named);
        let text: Vec<u8> = left
            .flat_map(|kept| kept.bytes[..kept.synced].to_vec())
            .collect();
        last_commit(std::str::from_utf8(&text).unwrap())
    }
}

fn last_commit(text: &str) -> u64 {
    let whole = &text[..text.rfind('\n').map_or(0, |end| end + 1)];
    let line = whole
        .lines()
        .rfind(|line| line.starts_with("{\"commit\":"))
        .unwrap_or("\"n\":0,");
    let at = line.find("\"n\":").unwrap() + 4;
    let end = at + line[at..].find(',').unwrap();
    line[at..end].parse().unwrap()
}

impl Disk for MemoryDisk {
    fn create(&mut self, name: &str) -> io::Result<Box<dyn SegmentFile>> {
        *self.calls.lock().unwrap() += 1;
        let before = self
            .files
            .lock()
            .unwrap()
            .insert(name.to_owned(), Kept::default());
        assert!(before.is_none(), "{name} is there");
        Ok(self.file(name))
    }

    fn reopen(&mut self, name: &str) -> io::Result<Box<dyn SegmentFile>> {
        Ok(self.file(name))
    }

    fn sync_dir(&mut self) -> io::Result<()> {
        *self.calls.lock().unwrap() += 1;
        for kept in self.files.lock().unwrap().values_mut() {
            kept.is_named = true;
        }
        Ok(())
    }
}

impl MemoryFile {
    fn sync(&self) -> io::Result<()> {
        *self.disk.calls.lock().unwrap() += 1;
        let mut files = self.disk.files.lock().unwrap();
        let kept = files.get_mut(&self.name).unwrap();
        kept.synced = kept.bytes.len();
        Ok(())
    }
}

impl SegmentFile for MemoryFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        *self.disk.calls.lock().unwrap() += 1;
        let (gate, bell) = &*self.disk.gate;
        drop(
            bell.wait_while(gate.lock().unwrap(), |is_shut| *is_shut)
                .unwrap(),
        );
        let mut files = self.disk.files.lock().unwrap();
        files
            .get_mut(&self.name)
            .unwrap()
            .bytes
            .extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let files = self.disk.files.lock().unwrap();
        let left = &files[&self.name].bytes[self.read..];
        let length = left.len().min(into.len());
        into[..length].copy_from_slice(&left[..length]);
        self.read += length;
        Ok(length)
    }

    fn sync_data(&mut self) -> io::Result<()> {
        self.sync()
    }

    fn sync_all(&mut self) -> io::Result<()> {
        self.sync()
    }
}

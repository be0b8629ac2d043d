use std::fs::File;
use std::io::Read;
use std::path::Path;

use memchr::memchr;

use polaris_wire::Tape;

use crate::Inconclusive;
use crate::chain::Chain;
use crate::frame::{CommitLine, SegmentLine};

/// Bytes that are read at once. A few of these fit into a core's cache.
const CHUNK: usize = 1 << 20;
/// No commit with its line, and no segment line, is longer.
const COMMIT_MAX: usize = (1 << 20) + 1_536;

/// Whole commits of one segment, in order, proven: event lines and commit lines as they stand.
#[derive(Debug, Default)]
pub struct Block {
    /// The lines.
    pub bytes: Vec<u8>,
    /// Offset of the first in the uncompressed segment.
    pub start: u64,
    /// Sequence number of the last event before them; of `Ahead` only.
    pub before: u64,
    /// The same, decoded, where `is_taped`.
    pub tape: Tape,
    /// Whether whoever proved them had the time to decode them too.
    pub is_taped: bool,
}

/// Reads one segment from its first byte on.
pub struct Reader {
    source: Box<dyn Read + Send>,
    /// Read, not yet proven.
    rest: Vec<u8>,
    /// Offset of `rest` in the uncompressed segment.
    at: u64,
    is_over: bool,
}

impl Reader {
    /// Opens a segment, which is compressed where its name says so.
    ///
    /// # Errors
    /// `Inconclusive` where it cannot be opened.
    pub fn open(path: &Path) -> Result<Self, Inconclusive> {
        let fault = |error: std::io::Error| Inconclusive(format!("{}: {error}", path.display()));
        let file = File::open(path).map_err(fault)?;
        let is_packed = path.extension().is_some_and(|end| end == "zst");
        let source: Box<dyn Read + Send> = if is_packed {
            Box::new(zstd::Decoder::new(file).map_err(fault)?)
        } else {
            Box::new(file)
        };
        Ok(Self {
            source,
            rest: Vec::new(),
            at: 0,
            is_over: false,
        })
    }

    /// Offset behind all that was proven.
    pub fn at(&self) -> u64 {
        self.at
    }

    /// Takes the line that opens the segment.
    ///
    /// # Errors
    /// `Inconclusive` where none stands there.
    pub fn opening(&mut self) -> Result<SegmentLine, Inconclusive> {
        self.fill(COMMIT_MAX)?;
        let end = memchr(b'\n', &self.rest);
        let line = end.and_then(|end| SegmentLine::read(&self.rest[..end]));
        let (Some(end), Some(line)) = (end, line) else {
            return Err(Inconclusive::of("no segment line", self.at));
        };
        self.rest.drain(..=end);
        self.at += end as u64 + 1;
        Ok(line)
    }

    /// Proves the next commits into `block`; false at the end of a segment that ends behind a commit.
    ///
    /// # Errors
    /// `Inconclusive` at the first thing that is not as it must be; what was proven before it is in no block then.
    pub fn next(&mut self, chain: &mut Chain, block: &mut Block) -> Result<bool, Inconclusive> {
        self.fill(CHUNK + COMMIT_MAX)?;
        let mut end = 0;
        while let Some(length) = commit(&self.rest[end..], chain, self.at + end as u64)? {
            end += length;
        }
        if end == 0 {
            return if self.rest.is_empty() {
                Ok(false)
            } else {
                Err(Inconclusive::of("no whole commit", self.at))
            };
        }
        block.start = self.at;
        block.is_taped = false;
        block.bytes.clear();
        std::mem::swap(&mut block.bytes, &mut self.rest);
        self.rest.extend_from_slice(&block.bytes[end..]);
        block.bytes.truncate(end);
        self.at += end as u64;
        Ok(true)
    }

    /// Reads until this many bytes are there, or all.
    fn fill(&mut self, wanted: usize) -> Result<(), Inconclusive> {
        while !self.is_over && self.rest.len() < wanted {
            let mut chunk = self.source.by_ref().take(CHUNK as u64);
            let read = chunk.read_to_end(&mut self.rest);
            let read = read.map_err(|error| Inconclusive(error.to_string()))?;
            self.is_over = read < CHUNK;
        }
        Ok(())
    }
}

/// Proves the commit at the start of `bytes`; its length with its line, or `None` where no whole one is there.
fn commit(bytes: &[u8], chain: &mut Chain, at: u64) -> Result<Option<usize>, Inconclusive> {
    let mut number = chain.next_number();
    let mut start = 0;
    let mut last = 0;
    loop {
        let Some(length) = memchr(b'\n', &bytes[start..]) else {
            return Ok(None);
        };
        let line = &bytes[start..start + length];
        if number.begins(line) {
            number.increment();
            last = start;
            start += length + 1;
            continue;
        }
        let here = at + start as u64;
        let Some(found) = CommitLine::read(line) else {
            return Err(Inconclusive::of(
                "neither the next event nor a commit line",
                here,
            ));
        };
        chain
            .take(&bytes[..start], last, &found)
            .map_err(|what| Inconclusive::of(what, here))?;
        return Ok(Some(start + length + 1));
    }
}

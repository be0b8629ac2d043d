use std::path::Path;

use blake3::Hasher;
use memchr::memmem;

use crate::Inconclusive;
use crate::frame::{CommitLine, Head, SegmentLine};
use crate::number::Number;
use crate::reader::{Block, Reader};

const ENDED: &[u8] = br#""e":"RunEnded."#;

/// What somebody wants to hear of when the chain passes it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted {
    /// A head that was known outside.
    pub head: Option<Head>,
    /// A sequence number at which a commit is to end.
    pub seq: Option<u64>,
}

/// Where the chain of one segment stands.
#[derive(Debug)]
pub struct Chain {
    hasher: Hasher,
    first: u64,
    wanted: Wanted,
    /// Number of the first commit of the segment; 0 before it.
    pub first_commit: u64,
    /// Number of the last; 0 before the first.
    pub commits: u64,
    /// Sequence number of the last event.
    pub last_seq: u64,
    /// Head after it.
    pub head: Head,
    /// Bytes of event lines.
    pub event_bytes: u64,
    /// The last event is a `RunEnded`.
    pub has_ended: bool,
    /// Last sequence number of a commit with the head that is wanted.
    pub head_at: Option<u64>,
    /// The commit that ends at the sequence number that is wanted.
    pub seq_at: Option<(u64, Head)>,
}

impl Chain {
    /// Begins a segment, taking its line at its word.
    pub fn new(line: &SegmentLine, wanted: Wanted) -> Self {
        let mut hasher = Hasher::new();
        hasher.update(&line.head);
        Self {
            hasher,
            first: line.first,
            wanted,
            first_commit: 0,
            commits: 0,
            last_seq: line.first.saturating_sub(1),
            head: line.head,
            event_bytes: 0,
            has_ended: false,
            head_at: None,
            seq_at: None,
        }
    }

    pub(crate) fn next_number(&self) -> Number {
        Number::new(self.last_seq + 1)
    }

    /// Takes a commit: its event lines, of which the last begins at `last`.
    pub(crate) fn take(
        &mut self,
        lines: &[u8],
        last: usize,
        found: &CommitLine,
    ) -> Result<(), &'static str> {
        if self.has_ended {
            return Err("a commit follows the end of the run");
        }
        if lines.is_empty() || found.n <= self.last_seq {
            return Err("a commit without events");
        }
        if self.first_commit != 0 && found.commit != self.commits + 1 {
            return Err("not the next commit");
        }
        if !Number::new(found.n).begins(&lines[last..]) {
            return Err("a commit that ends elsewhere than it says");
        }
        self.hasher.update(lines);
        if *self.hasher.finalize().as_bytes() != found.head {
            return Err("a head that the lines do not give");
        }
        if self.first_commit == 0 {
            self.first_commit = found.commit;
        }
        self.commits = found.commit;
        self.last_seq = found.n;
        self.head = found.head;
        self.event_bytes += lines.len() as u64;
        self.has_ended = ends_run(&lines[last..]);
        if self.wanted.head == Some(found.head) {
            self.head_at = Some(found.n);
        }
        if self.wanted.seq == Some(found.n) {
            self.seq_at = Some((found.commit, found.head));
        }
        Ok(())
    }

    /// Sequence number that the segment line says it begins with.
    pub fn first(&self) -> u64 {
        self.first
    }
}

fn ends_run(line: &[u8]) -> bool {
    memmem::find(&line[..line.len().min(80 + ENDED.len())], ENDED).is_some_and(|at| at < 80)
}

/// A segment that is proven from its first byte to its last, taking its own line at its word.
#[derive(Debug)]
pub struct Segment {
    /// The line that opens it.
    pub line: SegmentLine,
    /// Where its chain ends.
    pub chain: Chain,
    /// Its length, uncompressed.
    pub bytes: u64,
}

/// Proves a whole segment.
///
/// # Errors
/// `Inconclusive` where anything is not as it must be, a torn tail included.
pub fn prove(path: &Path, wanted: Wanted) -> Result<Segment, Inconclusive> {
    let mut reader = Reader::open(path)?;
    let line = reader.opening()?;
    let mut chain = Chain::new(&line, wanted);
    let mut block = Block::default();
    while reader.next(&mut chain, &mut block)? {}
    if chain.commits == 0 {
        return Err(Inconclusive::of("a segment without commits", reader.at()));
    }
    Ok(Segment {
        line,
        chain,
        bytes: reader.at(),
    })
}

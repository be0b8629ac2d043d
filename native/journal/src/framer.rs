use std::collections::VecDeque;
use std::io::Write;

use polaris_wire::{hex, xxh32};

use crate::head::{Digest, Head, HeadMark};

/// Most bytes of one commit, its commit line included: `COMMIT_BYTES_MAX` in `engine/log/event-log.ts`.
pub const COMMIT_BYTES_MAX: usize = 1_048_576;
/// Bytes of event lines in one commit: the rest is kept for a segment line and a commit line.
pub const TURN_BYTES_MAX: usize = COMMIT_BYTES_MAX - 2_048;
/// Bytes that one write and one sync may cover, so that acknowledgements come while the disk is behind.
pub const GROUP_BYTES: usize = 4 * COMMIT_BYTES_MAX;

/// Where a log stands behind a whole commit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// Sequence of the last event, 0 before the first.
    pub last_seq: u64,
    /// Commits so far.
    pub commits: u64,
    /// The segment of the last commit; 0 before the first.
    pub segment: u64,
    /// Bytes of event lines in it.
    pub segment_bytes: u64,
    /// Offset behind its commit line.
    pub byte: u64,
    /// The head.
    pub head: Digest,
}

/// How events are framed.
#[derive(Clone, Debug)]
pub struct Framing {
    /// The run's name as it stands in a segment line: a JSON string, quotes included.
    pub run: String,
    /// Most events of one commit; a longer turn is kept whole.
    pub commit_events: u64,
    /// A segment is rolled at the first turn that ends past this many bytes of event lines.
    pub segment_bytes: u64,
}

/// One whole turn: an input and its decisions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Where it ends among the bytes that it came with.
    pub end: usize,
    /// Event lines in it.
    pub events: u64,
}

/// Whole commits of one segment, to be written at once.
#[derive(Debug)]
pub struct Batch {
    /// The bytes of the file.
    pub bytes: Vec<u8>,
    /// Of them, bytes of event lines.
    pub event_bytes: u64,
    /// Where the log stands behind them.
    pub after: Position,
}

/// Turns into commits, in memory: closes commits, rolls segments, keeps the head. The same turns and closings give the
/// same bytes as `Batching` in `engine/log/write/batching.ts`. Knows no disk and no clock.
#[derive(Debug)]
pub struct Framer {
    framing: Framing,
    head: Head,
    position: Position,
    segment: u64,
    segment_bytes: u64,
    byte: u64,
    ready: VecDeque<Batch>,
    spare: Vec<Vec<u8>>,
    buffer: Vec<u8>,
    /// Bytes of `buffer` in closed commits, with the segment line before them.
    closed: usize,
    closed_event_bytes: u64,
    open_start: usize,
    open_events: u64,
}

impl Framer {
    /// A framer behind `at`; `head` stands there.
    pub fn new(framing: Framing, head: Head, at: Position) -> Self {
        let mut framer = Self {
            framing,
            head,
            position: at,
            segment: at.segment,
            segment_bytes: at.segment_bytes,
            byte: at.byte,
            ready: VecDeque::new(),
            spare: Vec::new(),
            buffer: Vec::new(),
            closed: 0,
            closed_event_bytes: 0,
            open_start: 0,
            open_events: 0,
        };
        if at.segment == 0 || at.segment_bytes > framer.framing.segment_bytes {
            framer.roll();
        }
        framer
    }

    /// Takes the event lines of one whole turn, each with its newline.
    pub fn turn(&mut self, lines: &[u8], events: u64) {
        if self.buffer.len() - self.open_start + lines.len() > TURN_BYTES_MAX {
            self.close();
        }
        self.buffer.extend_from_slice(lines);
        self.open_events += events;
        let segment_bytes = self.segment_bytes + (self.buffer.len() - self.open_start) as u64;
        if self.open_events >= self.framing.commit_events
            || segment_bytes > self.framing.segment_bytes
        {
            self.close();
        }
    }

    /// Closes the open commit, if there is one with events in it.
    pub fn close(&mut self) {
        if self.open_events == 0 {
            return;
        }
        let lines = &self.buffer[self.open_start..];
        let length = lines.len() as u64;
        self.head.update(lines);
        let head = self.head.digest();
        let (commits, last_seq) = (
            self.position.commits + 1,
            self.position.last_seq + self.open_events,
        );
        let start = self.open_start;
        self.line(format_args!(
            "{{\"commit\":{commits},\"n\":{last_seq},\"head\":\"{}\"",
            hex(&head)
        ));
        self.segment_bytes += length;
        self.byte += (self.buffer.len() - start) as u64;
        self.position = Position {
            last_seq,
            commits,
            segment: self.segment,
            segment_bytes: self.segment_bytes,
            byte: self.byte,
            head,
        };
        self.closed = self.buffer.len();
        self.closed_event_bytes += length;
        self.open_start = self.closed;
        self.open_events = 0;
        if self.segment_bytes > self.framing.segment_bytes {
            self.roll();
        } else if self.closed >= GROUP_BYTES {
            self.set_ready();
        }
    }

    /// The next closed commits to write, in order.
    pub fn take(&mut self) -> Option<Batch> {
        if self.ready.is_empty() {
            self.set_ready();
        }
        self.ready.pop_front()
    }

    /// Gives back the bytes of a batch that is written, to be used again.
    pub fn reuse(&mut self, mut bytes: Vec<u8>) {
        if self.spare.len() < 4 && bytes.capacity() <= 2 * GROUP_BYTES {
            bytes.clear();
            self.spare.push(bytes);
        }
    }

    /// Bytes in closed commits that nobody took.
    pub fn closed_bytes(&self) -> usize {
        self.closed + self.ready.iter().map(|one| one.bytes.len()).sum::<usize>()
    }

    /// The last closed commit as a place to go on from; nothing where its segment is over, events follow it, or there is none.
    pub fn mark(&self) -> Option<(Position, HeadMark)> {
        let at = self.position;
        let is_place = at.segment == self.segment && self.open_events == 0 && at.last_seq > 0;
        is_place.then(|| (at, self.head.mark()))
    }

    fn set_ready(&mut self) {
        if self.closed == 0 {
            return;
        }
        let mut next = self.spare.pop().unwrap_or_default();
        next.extend_from_slice(&self.buffer[self.closed..]);
        let mut bytes = std::mem::replace(&mut self.buffer, next);
        bytes.truncate(self.closed);
        self.ready.push_back(Batch {
            bytes,
            event_bytes: self.closed_event_bytes,
            after: self.position,
        });
        self.open_start -= self.closed;
        self.closed = 0;
        self.closed_event_bytes = 0;
    }

    fn roll(&mut self) {
        self.set_ready();
        self.segment += 1;
        self.segment_bytes = 0;
        let Position { last_seq, head, .. } = self.position;
        self.head = Head::new(&head);
        let (segment, first) = (self.segment, last_seq + 1);
        let run = self.framing.run.clone();
        self.line(format_args!(
            "{{\"segment\":{segment},\"run\":{run},\"first\":{first},\"head\":\"{}\"",
            hex(&head)
        ));
        self.open_start = self.buffer.len();
        self.byte = self.open_start as u64;
    }

    /// Appends a line of the framing with its sum.
    fn line(&mut self, text: std::fmt::Arguments<'_>) {
        let start = self.buffer.len();
        // Writing into memory does not fail.
        let _ = self.buffer.write_fmt(text);
        let sum = xxh32(&self.buffer[start..]);
        let _ = writeln!(self.buffer, ",\"x\":\"{sum:08x}\"}}");
    }
}

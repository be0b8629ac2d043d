use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{JoinHandle, spawn};

use polaris_wire::{Decoder, Kept, record_lines};

use crate::Inconclusive;
use crate::chain::{Chain, Wanted};
use crate::frame::{Head, SegmentLine};
use crate::reader::{Block, Reader};

/// Blocks that may wait to be taken.
const QUEUE: usize = 4;

/// Proves segments in order on a thread of its own, some blocks ahead of whoever takes them. Where it is well ahead, it
/// decodes too, so that both threads have about as much to do.
pub struct Ahead {
    waiting: Arc<AtomicUsize>,
    blocks: Receiver<Result<Block, Inconclusive>>,
    spent: SyncSender<Block>,
    thread: Option<JoinHandle<()>>,
}

impl Ahead {
    /// Begins with the first of these segments, which must be the first of a run. A block is decoded as well where at
    /// least `patience` of them wait: whoever takes them is then the slower of the two.
    pub fn over(paths: Vec<PathBuf>, patience: usize) -> Self {
        let (ready, blocks) = sync_channel(QUEUE);
        let (spent, reuse) = sync_channel(QUEUE + 2);
        let waiting = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&waiting);
        let thread = spawn(move || {
            let mut ends = Ends {
                ready,
                reuse,
                waiting: counted,
                patience,
                decoder: Decoder::default(),
                kept: Kept::of_books(),
            };
            // Whoever takes the blocks may have gone: then there is nobody to tell.
            if let Err(inconclusive) = prove_all(&paths, &mut ends) {
                let _ = ends.ready.send(Err(inconclusive));
            }
        });
        Self {
            waiting,
            blocks,
            spent,
            thread: Some(thread),
        }
    }

    /// The next block, proven; waits for it. `None` behind the last.
    ///
    /// # Errors
    /// `Inconclusive`, at the place where all that was taken before is sound. What follows comes from the reference.
    pub fn next(&mut self, spent: Block) -> Option<Result<Block, Inconclusive>> {
        // A full queue of spent blocks only means that one is not used again.
        let _ = self.spent.try_send(spent);
        let next = self.blocks.recv().ok();
        if let Some(Ok(_)) = next {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
        }
        next
    }
}

impl Drop for Ahead {
    fn drop(&mut self) {
        // The thread ends at its next block, once nobody takes any.
        let (_, nobody) = sync_channel(0);
        self.blocks = nobody;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// What the thread has of whoever takes its blocks.
struct Ends {
    ready: SyncSender<Result<Block, Inconclusive>>,
    reuse: Receiver<Block>,
    waiting: Arc<AtomicUsize>,
    patience: usize,
    decoder: Decoder,
    kept: Kept,
}

impl Ends {
    /// Hands over a block; false where nobody takes it any more.
    fn send(&mut self, mut block: Block) -> bool {
        if self.waiting.load(Ordering::Relaxed) >= self.patience {
            block.tape.restart();
            let recorded =
                record_lines(&mut self.decoder, &block.bytes, &self.kept, &mut block.tape);
            block.is_taped = recorded.is_ok();
        }
        self.waiting.fetch_add(1, Ordering::Relaxed);
        self.ready.send(Ok(block)).is_ok()
    }
}

/// Where a run stands between two segments.
struct Between {
    run: Option<String>,
    segment: u64,
    last_seq: u64,
    commits: u64,
    head: Head,
    has_ended: bool,
}

fn prove_all(paths: &[PathBuf], ends: &mut Ends) -> Result<(), Inconclusive> {
    let mut between = Between {
        run: None,
        segment: 0,
        last_seq: 0,
        commits: 0,
        head: [0; 32],
        has_ended: false,
    };
    for path in paths {
        let mut reader = Reader::open(path)?;
        let line = reader.opening()?;
        between.enter(&line)?;
        let mut chain = Chain::new(&line, Wanted::default());
        loop {
            let mut block = ends.reuse.try_recv().unwrap_or_default();
            block.before = chain.last_seq;
            if !reader.next(&mut chain, &mut block)? {
                break;
            }
            if block.start == 0 || chain.first_commit != between.commits + 1 {
                return Err(Inconclusive::of("not the next commit", block.start));
            }
            if !ends.send(block) {
                return Ok(());
            }
        }
        between.leave(line, &chain);
    }
    Ok(())
}

impl Between {
    fn enter(&mut self, line: &SegmentLine) -> Result<(), Inconclusive> {
        let is_next = line.segment == self.segment + 1
            && line.first == self.last_seq + 1
            && line.head == self.head
            && self.run.as_ref().is_none_or(|run| *run == line.run)
            && !self.has_ended;
        if is_next {
            Ok(())
        } else {
            Err(Inconclusive(format!(
                "segment {} does not follow",
                line.segment
            )))
        }
    }

    fn leave(&mut self, line: SegmentLine, chain: &Chain) {
        self.segment = line.segment;
        self.run = Some(line.run);
        self.last_seq = chain.last_seq;
        self.commits = chain.commits;
        self.head = chain.head;
        self.has_ended = chain.has_ended;
    }
}

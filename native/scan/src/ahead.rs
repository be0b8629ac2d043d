use std::path::PathBuf;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{JoinHandle, spawn};

use crate::Odd;
use crate::chain::{Chain, Wanted};
use crate::frame::{Head, SegmentLine};
use crate::reader::{Block, Reader};

/// Blocks that may wait to be taken.
const QUEUE: usize = 4;

/// Proves segments in order on a thread of its own, some blocks ahead of whoever takes them.
pub struct Ahead {
    blocks: Receiver<Result<Block, Odd>>,
    spent: SyncSender<Block>,
    thread: Option<JoinHandle<()>>,
}

impl Ahead {
    /// Begins with the first of these segments, which must be the first of a run.
    pub fn over(paths: Vec<PathBuf>) -> Self {
        let (ready, blocks) = sync_channel(QUEUE);
        let (spent, reuse) = sync_channel(QUEUE + 2);
        let thread = spawn(move || {
            // Whoever takes the blocks may have gone: then there is nobody to tell.
            if let Err(odd) = prove_all(&paths, &ready, &reuse) {
                let _ = ready.send(Err(odd));
            }
        });
        Self {
            blocks,
            spent,
            thread: Some(thread),
        }
    }

    /// The next block, proven; waits for it. `None` behind the last.
    ///
    /// # Errors
    /// `Odd`, at the place where all that was taken before is sound. What follows comes from the reference.
    pub fn next(&mut self, spent: Block) -> Option<Result<Block, Odd>> {
        // A full queue of spent blocks only means that one is not used again.
        let _ = self.spent.try_send(spent);
        self.blocks.recv().ok()
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

/// Where a run stands between two segments.
struct Between {
    run: Option<String>,
    segment: u64,
    last_seq: u64,
    commits: u64,
    head: Head,
    has_ended: bool,
}

fn prove_all(
    paths: &[PathBuf],
    ready: &SyncSender<Result<Block, Odd>>,
    reuse: &Receiver<Block>,
) -> Result<(), Odd> {
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
            let mut block = reuse.try_recv().unwrap_or_default();
            if !reader.next(&mut chain, &mut block)? {
                break;
            }
            if block.start == 0 || chain.first_commit != between.commits + 1 {
                return Err(Odd::of("not the next commit", block.start));
            }
            if ready.send(Ok(block)).is_err() {
                return Ok(());
            }
        }
        between.leave(line, &chain);
    }
    Ok(())
}

impl Between {
    fn enter(&mut self, line: &SegmentLine) -> Result<(), Odd> {
        let is_next = line.segment == self.segment + 1
            && line.first == self.last_seq + 1
            && line.head == self.head
            && self.run.as_ref().is_none_or(|run| *run == line.run)
            && !self.has_ended;
        if is_next {
            Ok(())
        } else {
            Err(Odd(format!("segment {} does not follow", line.segment)))
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

//! The writer of a run's log: takes whole turns of encoded event lines through a bounded queue, forms commits and segments
//! as `engine/log/write/batching.ts` does, keeps the head, writes and syncs on a thread of its own, and says in order how far
//! the log is durable. The first failure of the disk ends it.
#![forbid(unsafe_code)]

mod disk;
mod failing;
mod framer;
mod head;
mod journal;
mod pack;
mod queue;
mod segment;
mod writer;

pub use disk::{Disk, RunDir, SegmentFile};
pub use failing::{FailingDisk, Failure};
pub use framer::Turn;
pub use framer::{Batch, COMMIT_BYTES_MAX, Framer, Framing, GROUP_BYTES, Position, TURN_BYTES_MAX};
pub use head::{Digest, Head, HeadMark};
pub use journal::{Durability, Journal, Keeping, PENDING_BYTES_MAX, Refused, Status};
pub use pack::pack;
pub use writer::Fault;

//! Reads the segments of a run's log and proves them as `engine/log/read/log-verifier.ts` and `engine/log/prove/verify.ts`
//! do: segment lines, commit lines, heads, and that every event line begins with its number. Whatever is not exactly as a
//! sound log has it is `Inconclusive`: the reference then says what it is, where, and whether it is damage.
#![forbid(unsafe_code)]

mod ahead;
mod chain;
mod frame;
mod number;
mod reader;

pub use ahead::Ahead;
pub use chain::{Chain, Segment, Wanted, prove};
pub use frame::{CommitLine, Head, SegmentLine};
pub use reader::{Block, Reader};

/// Why a log is not proven here, in words for whoever debugs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inconclusive(pub String);

impl Inconclusive {
    pub(crate) fn of(what: &str, at: u64) -> Self {
        Self(format!("{what} at byte {at}"))
    }
}

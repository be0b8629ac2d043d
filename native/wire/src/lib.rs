//! Reads log lines as `schemas/line` in TypeScript writes them, and folds them into books. Only the canonical form of the
//! two events that carry levels is read here; what stands in any other form is named with its place and left to the
//! reference reader, which decides whether it is another event, a rare form or damage.
#![forbid(unsafe_code)]

mod hot;
mod line;
mod scan;
mod walk;
mod xxh32;

pub use line::{Decoder, Envelope, Fault, FaultKind, Kind};
pub use scan::Scan;
pub use walk::{Asked, Progress, Stop, Turns, fold_lines, walk_turns};
pub use xxh32::xxh32;

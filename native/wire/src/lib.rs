//! Reads log lines as `schemas/line` in TypeScript writes them, and folds them into books. Only the canonical form of the
//! two events that carry levels is read here; what stands in any other form is named with its place and left to the
//! reference reader, which decides whether it is another event, a rare form or damage.
#![forbid(unsafe_code)]

mod fold_lines;
mod line;
mod scan;
mod xxh32;

pub use fold_lines::{Progress, Stop, fold_lines};
pub use line::{Decoder, Envelope, Fault, FaultKind, Kind};
pub use xxh32::xxh32;

//! Reads log lines as `schemas/line` in TypeScript writes them, and folds them into books. Only the canonical form of the
//! two events that carry levels is read here; what stands in any other form is named with its place and left to the
//! reference reader, which decides whether it is another event, a rare form or damage.
//!
//! And reads the frames of the venue's market channel, in any form that JSON allows them: `engine/feeds/polymarket/decode` in
//! TypeScript is the reference for these.
#![forbid(unsafe_code)]

mod decimal;
mod frame;
mod frame_fault;
mod frame_fields;
mod frame_fold;
mod frame_hot;
mod frame_reader;
mod frame_rows;
mod frame_values;
mod frame_walk;
mod hashed_book;
mod hex;
mod hot;
mod ids;
mod json;
mod line;
mod line_fields;
mod line_text;
mod scan;
mod tape;
mod tape_reader;
mod tape_walk;
mod tokens;
mod walk;
mod xxh32;

pub use frame::{Frame, Message, MessageKind, RowSpans, Span};
pub use frame_fault::{Expected, FrameFault};
pub use frame_fold::{FramesProgress, FramesStop, Unfolded, fold_frame, fold_frames};
pub use frame_hot::hot_message;
pub use frame_reader::{read_frame, read_message};
pub use frame_walk::{WalkFrom, WalkStop, Walked, walk_frames};
pub use hashed_book::{HashedBook, Undo};
pub use hex::{hex, parse_hex};
pub use ids::{TokenIds, UNKNOWN};
pub use json::DEPTH_MAX;
pub use line::{Decoder, Envelope, Fault, FaultKind, Kind};
pub use line_text::LineText;
pub use scan::Scan;
pub use tape::{LOT, Tape};
pub use tape_reader::{Entry, TapeReader};
pub use tape_walk::{Kept, fold_tape, record_lines, walk_tape};
pub use tokens::Tokens;
pub use walk::{Asked, Progress, Stop, Turns, fold_lines, walk_turns};
pub use xxh32::xxh32;

//! The order-book fold: the twin of `engine/book` in TypeScript, which is the reference. Prices are whole numbers of
//! 1e-4 dollar, sizes of 1e-6 share, times of microseconds. Nothing here reads a clock, a disk or a network.
#![forbid(unsafe_code)]

mod book;
mod fold;
mod fold_triggers;
mod interest;
mod ladder;
mod rules;
mod trigger;
mod types;

pub use book::{Book, SavedBook, trust};
pub use fold::Fold;
pub use interest::Interest;
pub use ladder::{Ladder, TICKS};
pub use trigger::Test;
pub use types::{Change, Fault, Notice, PRICE_MAX, Side, Stats, Touched, UNSAID};

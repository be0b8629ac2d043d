//! The paper book-sim: immediate orders against snapshots, answered in decimals. The twin of `compat/book-sim` in
//! TypeScript, which is the reference: the same answer to the character for every line. Whole units inside, never a
//! decimal. Nothing here reads a clock, a disk or a network.
#![forbid(unsafe_code)]

mod answer;
mod decimal_request;
mod js_text;
mod json;
mod leg;
mod lines;
mod paper_books;
mod print;
mod request;
mod request_reader;
mod tape;
mod tape_text;

pub use leg::Options;
pub use lines::{BadRequest, answer_to_line, simulate_paper};
pub use tape::{Clock, bench_orderbook};

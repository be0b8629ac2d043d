//! Turns that tests hand to a journal.

#![allow(dead_code)]

use polaris_journal::{Durability, Framing, Journal, Keeping, Refused, Status, Turn};

pub fn keeping(durability: Durability) -> Keeping {
    Keeping {
        framing: Framing {
            run: "\"test\"".to_owned(),
            commit_events: 4,
            segment_bytes: 500,
        },
        durability,
        is_eager: false,
    }
}

pub fn line(seq: u64) -> Vec<u8> {
    format!("{{\"n\":{seq},\"t\":1,\"c\":0,\"e\":\"X.1\",\"x\":\"00000000\"}}\n").into_bytes()
}

/// Hands over one turn of `events` lines.
pub fn turn(journal: &Journal, first: u64, events: u64, close: bool) -> Result<(), Refused> {
    let lines: Vec<u8> = (first..first + events).flat_map(line).collect();
    let end = lines.len();
    journal.append(&lines, &[Turn { end, events }], close)
}

/// Waits for the writer to reach `seq` or stop.
pub fn reached(journal: &Journal, seq: u64) -> Status {
    loop {
        let status = journal.status();
        if status.durable.last_seq >= seq || status.has_ended {
            return status;
        }
        std::thread::yield_now();
    }
}

pub fn quiet() -> Box<dyn Fn() + Send> {
    Box::new(|| {})
}

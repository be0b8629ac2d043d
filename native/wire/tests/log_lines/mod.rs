//! Lines of a log, as tests write them.
#![allow(missing_docs, dead_code)]

use polaris_wire::{Asked, xxh32};

pub fn summed(body: &str) -> Vec<u8> {
    format!("{body},\"x\":\"{:08x}\"}}", xxh32(body.as_bytes())).into_bytes()
}

pub fn changed(seq: u64, rows: &str) -> Vec<u8> {
    let head = format!(r#"{{"n":{seq},"t":1780796251000000,"c":0,"e":"BookChanged.1","d":"#);
    summed(&format!("{head}{rows}"))
}

pub fn asked(start: usize, until: u64) -> Asked {
    Asked {
        start,
        until,
        is_proven: false,
    }
}

//! The bodies of the fuzz targets over their kept corpus and over seeded changes of it, without a fuzzer: what a plain
//! `cargo test` can hold.
#![allow(missing_docs)]

use std::fs;
use std::path::Path;

#[path = "../../fuzz/bodies.rs"]
mod bodies;

/// Changes of each file.
const ROUNDS: u64 = 2_000;

fn corpus(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../fuzz/corpus")
        .join(name);
    let mut paths: Vec<_> = fs::read_dir(folder)
        .expect("a corpus")
        .map(|entry| entry.expect("a file of it").path())
        .collect();
    paths.sort();
    assert!(paths.len() >= 4, "the corpus is there");
    paths
        .iter()
        .map(|path| fs::read(path).expect("a file"))
        .collect()
}

/// splitmix64 (Steele, Lea and Flood, 2014).
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

fn below(state: &mut u64, count: usize) -> usize {
    (next(state) % count.max(1) as u64) as usize
}

/// A few bytes set, taken out, doubled, or put in from another file.
fn changed(file: &[u8], other: &[u8], state: &mut u64) -> Vec<u8> {
    const ODD: &[u8] = b"\"\\,:[]{}0.-9 \n\0\xff";
    let mut bytes = file.to_vec();
    for _ in 0..=below(state, 4) {
        let at = below(state, bytes.len());
        match below(state, 5) {
            0 => bytes.truncate(at),
            1 => {
                let end = (at + below(state, 30)).min(bytes.len());
                bytes.drain(at..end);
            }
            2 => {
                let from = below(state, other.len());
                let end = (from + below(state, 60)).min(other.len());
                let put = other[from..end].to_vec();
                bytes.splice(at..at, put);
            }
            3 if at < bytes.len() => bytes[at] = ODD[below(state, ODD.len())],
            _ if at < bytes.len() => bytes[at] = next(state) as u8,
            _ => {}
        }
    }
    bytes
}

fn over(name: &str, body: impl Fn(&[u8])) {
    let files = corpus(name);
    let mut state = 7;
    for file in &files {
        body(file);
        for _ in 0..ROUNDS {
            let other = &files[below(&mut state, files.len())];
            body(&changed(file, other, &mut state));
        }
    }
}

#[test]
fn frames() {
    over("frames", bodies::frames);
}

#[test]
fn lines() {
    over("lines", bodies::lines);
}

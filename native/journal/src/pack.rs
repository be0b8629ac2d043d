use std::io;

/// Compresses a part of a segment that is over into one Zstandard frame, which says how long it is unpacked.
///
/// # Errors
/// Where the library has no memory, or does not know the level (1 to 22).
pub fn pack(plain: &[u8], level: i32) -> io::Result<Vec<u8>> {
    zstd::bulk::compress(plain, level)
}

#[cfg(test)]
mod tests {
    use super::pack;

    #[test]
    fn a_frame_unpacks_to_what_was_put_in() {
        let plain = b"{\"n\":1}\n".repeat(1_000);
        for level in [1, 9, 19] {
            let packed = pack(&plain, level).expect("a frame");
            assert!(packed.len() < plain.len() / 10);
            let found = zstd::bulk::decompress(&packed, plain.len()).expect("what was put in");
            assert_eq!(found, plain);
        }
    }
}

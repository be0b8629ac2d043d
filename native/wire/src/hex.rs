/// 64 lower-case hex digits.
pub fn hex(digest: &[u8; 32]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The 32 bytes of 64 lower-case hex digits; `None` for anything else.
pub fn parse_hex(digits: &[u8]) -> Option<[u8; 32]> {
    let mut digest = [0; 32];
    let (pairs, rest) = digits.as_chunks::<2>();
    if pairs.len() != digest.len() || !rest.is_empty() {
        return None;
    }
    for (byte, &[high, low]) in digest.iter_mut().zip(pairs) {
        *byte = nibble(high)? << 4 | nibble(low)?;
    }
    Some(digest)
}

const fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{hex, parse_hex};

    #[test]
    fn reads_what_it_writes_and_nothing_else() {
        let digest = std::array::from_fn(|k| (k * 37) as u8);
        let text = hex(&digest);
        assert_eq!(parse_hex(text.as_bytes()), Some(digest));
        for wrong in [&text[1..], &text.to_uppercase(), &format!("{text}00"), ""] {
            assert_eq!(parse_hex(wrong.as_bytes()), None, "{wrong}");
        }
    }
}

const DIGITS: &[u8; 16] = b"0123456789abcdef";
const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// `0x` and two lower-case digits a byte, of each of the lists in turn.
pub fn hex(lists: &[&[u8]]) -> String {
    let mut text = Vec::with_capacity(lists.iter().map(|bytes| 2 + 2 * bytes.len()).sum());
    for bytes in lists {
        text.extend_from_slice(b"0x");
        text.extend(bytes.iter().flat_map(|byte| {
            [
                DIGITS[usize::from(byte >> 4)],
                DIGITS[usize::from(byte & 15)],
            ]
        }));
    }
    String::from_utf8(text).unwrap_or_else(|_| unreachable!("Invariant: digits are text"))
}

/// Base64 with the alphabet that is safe in addresses, and with padding.
pub(crate) fn base64(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let at = |k: usize| u32::from(three.get(k).copied().unwrap_or(0));
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        for k in 0..4 {
            text.push(if k > three.len() {
                '='
            } else {
                char::from(BASE64[(bits >> (18 - 6 * k) & 63) as usize])
            });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{base64, hex};

    #[test]
    fn writes_what_rfc_4648_lists() {
        let texts = [
            "", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy",
        ];
        for (length, text) in texts.iter().enumerate() {
            assert_eq!(&base64(&b"foobar"[..length]), text);
        }
        assert_eq!(base64(&[0xfb, 0xff]), "-_8=");
    }

    #[test]
    fn writes_every_byte_as_two_digits() {
        assert_eq!(hex(&[&[0, 1, 0xab, 0xff], &[]]), "0x0001abff0x");
    }
}

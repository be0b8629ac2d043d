const DIGITS: &[u8; 16] = b"0123456789abcdef";
const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Appends `0x` and two lower-case digits a byte.
pub fn hex_into(text: &mut String, bytes: &[u8]) {
    text.push_str("0x");
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
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
    use super::{base64, hex_into};

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
        let mut text = String::new();
        hex_into(&mut text, &[0, 1, 0xab, 0xff]);
        assert_eq!(text, "0x0001abff");
    }
}

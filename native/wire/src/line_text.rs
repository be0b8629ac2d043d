use polaris_book::{Change, Side, UNSAID};

use crate::xxh32::xxh32;

/// Most bytes of a line around its changes, and of one change; numbers are written eight bytes at a time.
const AROUND: usize = 192;
const EACH: usize = 72;

const ZEROS: u64 = 0x3030_3030_3030_3030;
const MIDDLE: &[u8; 32] = br#","c":0,"e":"BookChanged.1","d":["#;

/// Writes event lines one behind another into bytes that the caller owns, as `LineWriter` in `schemas/line/writer.ts` does.
#[derive(Debug)]
pub struct LineText<'a> {
    bytes: &'a mut [u8],
    at: usize,
}

impl<'a> LineText<'a> {
    /// Begins at the start of these bytes.
    pub const fn new(bytes: &'a mut [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// Bytes written.
    pub const fn length(&self) -> usize {
        self.at
    }

    /// Whether a line of so many changes fits behind what is written.
    pub const fn has_room(&self, changes: usize) -> bool {
        self.bytes.len() - self.at >= AROUND + changes * EACH
    }

    /// Appends a `BookChanged` without a cause. Numbers are at most 2^53 − 1.
    ///
    /// # Panics
    /// Where it has no room.
    #[inline]
    pub fn changed(&mut self, seq: u64, t_us: u64, changes: &[Change]) {
        let start = self.at;
        self.text(br#"{"n":"#);
        self.number(seq);
        self.text(br#","t":"#);
        self.number(t_us);
        self.text(MIDDLE);
        for change in changes {
            self.change(change);
        }
        // The last change ends with the bracket of the list instead of a comma.
        self.at -= 1;
        self.text(b"]");
        let sum = hex(xxh32(&self.bytes[start..self.at]));
        self.text(br#","x":""#);
        self.text(&sum);
        self.text(b"\"}\n");
    }

    #[inline]
    fn change(&mut self, change: &Change) {
        self.text(b"[");
        self.number(change.token);
        self.text(if change.side == Side::Bid {
            b",0,"
        } else {
            b",1,"
        });
        self.number(u64::from(change.price));
        self.text(b",");
        self.number(change.size);
        if change.bid != UNSAID {
            self.text(b",");
            self.number(change.bid as u64);
            self.text(b",");
            self.number(change.ask as u64);
        }
        self.text(b"],");
    }

    #[inline(always)]
    fn text<const N: usize>(&mut self, text: &[u8; N]) {
        self.bytes[self.at..self.at + N].copy_from_slice(text);
        self.at += N;
    }

    #[inline(always)]
    fn number(&mut self, value: u64) {
        if value < 100_000_000 {
            self.leading(value as u32);
        } else {
            // At most sixteen digits, so that the first ones are at most eight.
            self.leading((value / 100_000_000) as u32);
            self.text(&(digits((value % 100_000_000) as u32) | ZEROS).to_le_bytes());
        }
    }

    /// At most eight digits, without leading zeros.
    #[inline(always)]
    fn leading(&mut self, value: u32) {
        let digits = digits(value);
        // The last digit stands even where it is zero.
        let zeros = (digits | 1 << 63).trailing_zeros() >> 3;
        let text = (digits | ZEROS) >> (8 * zeros);
        self.bytes[self.at..self.at + 8].copy_from_slice(&text.to_le_bytes());
        self.at += 8 - zeros as usize;
    }
}

/// Eight digits of a number below 10^8, the first in the lowest byte, as values from 0 to 9.
#[inline(always)]
const fn digits(value: u32) -> u64 {
    let fours = (value / 10_000) as u64 | ((value % 10_000) as u64) << 32;
    let hundreds = (fours * 10_486) >> 20 & 0x0000_007f_0000_007f;
    let pairs = (fours - 100 * hundreds) << 16 | hundreds;
    let tens = (pairs * 103) >> 10 & 0x000f_000f_000f_000f;
    (pairs - 10 * tens) << 8 | tens
}

/// Eight lower-case hex digits.
pub const fn hex(sum: u32) -> [u8; 8] {
    // Each half byte in a byte of its own, the first in the highest.
    let mut wide = sum as u64;
    wide = (wide | wide << 16) & 0x0000_ffff_0000_ffff;
    wide = (wide | wide << 8) & 0x00ff_00ff_00ff_00ff;
    wide = (wide | wide << 4) & 0x0f0f_0f0f_0f0f_0f0f;
    let letters = (wide + 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101;
    (wide + ZEROS + letters * 39).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::{LineText, digits, hex};
    use crate::line::{Decoder, Kind};
    use polaris_book::{Change, Side, UNSAID};

    #[test]
    fn digits_of_every_length() {
        let mut value = 1u32;
        while value < 100_000_000 {
            for near in [
                value - 1,
                value,
                value + 1,
                value / 3,
                99_999_999 - value / 7,
            ] {
                let text: Vec<u8> = digits(near).to_le_bytes().map(|d| d + b'0').to_vec();
                assert_eq!(String::from_utf8_lossy(&text), format!("{near:08}"));
            }
            value = value * 3 + 1;
        }
        for pair in 0..10_000 {
            let value = pair * 10_000 + (9_999 - pair);
            let text: Vec<u8> = digits(value).to_le_bytes().map(|d| d + b'0').to_vec();
            assert_eq!(String::from_utf8_lossy(&text), format!("{value:08}"));
        }
    }

    #[test]
    fn sums_in_hex() {
        for sum in [
            0,
            1,
            0x9abc_def0,
            0x1234_5678,
            u32::MAX,
            0xa0b0_c0d0,
            0x0a09_0f99,
        ] {
            assert_eq!(String::from_utf8_lossy(&hex(sum)), format!("{sum:08x}"));
        }
    }

    #[test]
    fn a_line_is_read_again_as_it_was_written() {
        let one = Change {
            token: 7,
            side: Side::Ask,
            price: 4_850,
            size: 1_234_567_890_123,
            bid: 0,
            ask: 10_000,
        };
        let other = Change {
            token: 123_456_789_012,
            side: Side::Bid,
            price: 0,
            size: 0,
            bid: UNSAID,
            ask: UNSAID,
        };
        let mut bytes = [0; 1_024];
        let mut text = LineText::new(&mut bytes);
        assert!(text.has_room(2) && !text.has_room(20));
        text.changed(9_007_199_254_740_991, 100_000_000, &[one, other]);
        let first = text.length();
        text.changed(8, 1_786_728_438_403_000, &[one]);
        let length = text.length();
        let lines = String::from_utf8_lossy(&bytes[..length]).into_owned();
        assert!(lines.starts_with(concat!(
            r#"{"n":9007199254740991,"t":100000000,"c":0,"e":"BookChanged.1","d":"#,
            r"[[7,1,4850,1234567890123,0,10000],[123456789012,0,0,0]],"
        )));
        let mut decoder = Decoder::default();
        assert_eq!(decoder.line(&bytes[..first - 1]), Ok(Kind::Changed));
        assert_eq!(decoder.changes, [one, other]);
        assert_eq!(decoder.line(&bytes[first..length - 1]), Ok(Kind::Changed));
        assert_eq!(decoder.envelope.t_us, 1_786_728_438_403_000);
    }
}

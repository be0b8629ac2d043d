use polaris_book::{Change, PRICE_MAX, Side, UNSAID};

use crate::line::Envelope;
use crate::scan::{SAFE_MAX, digits_value, few_digits_value};

/// From behind the time of a `BookChanged` without a cause to its first change.
const MIDDLE: &[u8; 33] = br#","c":0,"e":"BookChanged.1","d":[["#;
/// Bytes that are looked at together.
const WINDOW: usize = 64;

/// Reads a `BookChanged` without a cause up to the end of its changes, as it nearly always is; the place behind. `None`
/// for any other form, which the general reader then takes, as it does what the bytes end soon behind.
#[inline]
pub fn hot_line(bytes: &[u8], changes: &mut Vec<Change>) -> Option<(Envelope, usize)> {
    let mut marks = Marks::new(bytes, 0)?;
    marks.text(br#"{"n":"#)?;
    let seq = marks.number()?;
    marks.text(br#","t":"#)?;
    let t_us = marks.number()?;
    marks.text(MIDDLE)?;
    marks.advance()?;
    changes.clear();
    loop {
        changes.push(change(&mut marks)?);
        let next = bytes.get(marks.at..marks.at + 3)?;
        match next {
            b"],[" => marks.at += 3,
            [b']', b']', _] => break,
            _ => return None,
        }
    }
    let cause = 0;
    Some((Envelope { seq, t_us, cause }, marks.at + 2))
}

#[inline]
fn change(marks: &mut Marks<'_>) -> Option<Change> {
    let token = marks.small(99_999_999)?;
    let &[b',', side, b',', ..] = marks.bytes.get(marks.at..)? else {
        return None;
    };
    let side = match side {
        b'0' => Side::Bid,
        b'1' => Side::Ask,
        _ => return None,
    };
    marks.at += 3;
    let price = marks.small(u64::from(PRICE_MAX))? as u32;
    marks.comma()?;
    let size = marks.number()?;
    let (mut bid, mut ask) = (UNSAID, UNSAID);
    if marks.comma().is_some() {
        bid = marks.small(u64::from(PRICE_MAX))? as i32;
        marks.comma()?;
        ask = marks.small(u64::from(PRICE_MAX))? as i32;
    }
    Some(Change {
        token,
        side,
        price,
        size,
        bid,
        ask,
    })
}

/// Reads numbers one after another with the places of all that is no digit known beforehand: where one number ends does
/// then not wait for how long the one before it was.
struct Marks<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Where the window begins.
    base: usize,
    /// A bit for each byte of the window that is no digit.
    bits: u64,
}

impl<'a> Marks<'a> {
    #[inline]
    fn new(bytes: &'a [u8], at: usize) -> Option<Self> {
        let bits = not_digits(bytes.get(at..)?.first_chunk()?);
        Some(Self {
            bytes,
            at,
            base: at,
            bits,
        })
    }

    #[inline]
    fn text<const N: usize>(&mut self, text: &[u8; N]) -> Option<()> {
        (self.bytes.get(self.at..)?.first_chunk::<N>()? == text).then(|| self.at += N)
    }

    #[inline]
    fn comma(&mut self) -> Option<()> {
        (*self.bytes.get(self.at)? == b',').then(|| self.at += 1)
    }

    /// Takes a whole number of at most 16 digits.
    #[inline(always)]
    fn number(&mut self) -> Option<u64> {
        self.take(SAFE_MAX, digits_value)
    }

    /// Takes a whole number of at most 8 digits.
    #[inline(always)]
    fn small(&mut self, max: u64) -> Option<u64> {
        self.take(max, few_digits_value)
    }

    /// Takes a whole number without leading zeros, at most `max`.
    #[inline(always)]
    fn take(&mut self, max: u64, value: impl Fn(&[u8], usize) -> Option<u64>) -> Option<u64> {
        let mut left = self.bits.unbounded_shr((self.at - self.base) as u32);
        if left == 0 {
            left = self.advance()?;
        }
        let digits = left.trailing_zeros() as usize;
        let from = self.bytes.get(self.at..)?;
        let value = value(from, digits)?;
        let is_canonical = digits == 1 || digits > 1 && from[0] != b'0';
        if !is_canonical || value > max {
            return None;
        }
        self.at += digits;
        Some(value)
    }

    #[inline]
    fn advance(&mut self) -> Option<u64> {
        self.base = self.at;
        self.bits = not_digits(self.bytes.get(self.at..)?.first_chunk()?);
        Some(self.bits)
    }
}

/// A bit for each byte that is no digit, the first in the lowest.
#[inline]
fn not_digits(bytes: &[u8; WINDOW]) -> u64 {
    /// Moves the lowest bit of each of eight bytes into the highest byte.
    const GATHER: u64 = 0x0102_0408_1020_4080;
    let flags = bytes.map(|byte| u8::from(byte.wrapping_sub(b'0') > 9));
    let (eights, _) = flags.as_chunks::<8>();
    eights.iter().rev().fold(0, |bits, eight| {
        bits << 8 | u64::from_le_bytes(*eight).wrapping_mul(GATHER) >> 56
    })
}

use polaris_book::{Change, PRICE_MAX, Side, UNSAID};
use wide::{CmpGt, i8x16};

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
    let (sixteens, _) = bytes.as_chunks::<16>();
    sixteens.iter().rev().fold(0, |bits, sixteen| {
        bits << 16 | u64::from(not_digits_of(sixteen))
    })
}

/// The same of sixteen bytes.
#[inline]
fn not_digits_of(bytes: &[u8; 16]) -> u16 {
    // Only signed bytes are compared: digits are moved to the lowest ten of these.
    let signed = i8x16::from(bytes.map(|byte| byte as i8));
    let moved = signed - i8x16::splat((b'0' + 128) as i8);
    moved.cmp_gt(i8x16::splat(i8::MIN + 9)).move_mask() as u16
}

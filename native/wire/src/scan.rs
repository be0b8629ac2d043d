/// The largest whole number that JavaScript holds exactly.
pub const SAFE_MAX: u64 = (1 << 53) - 1;

/// Eight `0` characters; xor with them leaves the values of digits.
const ZEROS: u64 = 0x3030_3030_3030_3030;
/// Added to a digit, it carries a byte above nine into its high half.
const SIXES: u64 = 0x0606_0606_0606_0606;
/// The high half of each byte.
const HIGHS: u64 = 0xf0f0_f0f0_f0f0_f0f0;

/// Reads a line from its start, piece by piece. Every method answers `None` where the piece is not there, and then
/// stands where it stood.
#[derive(Debug)]
pub struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Scan<'a> {
    /// Stands at the start.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// Stands at `at`.
    pub const fn behind(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at }
    }

    /// Offset within the bytes.
    #[inline]
    pub const fn at(&self) -> usize {
        self.at
    }

    /// What follows.
    #[inline]
    pub fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or(&[])
    }

    /// The next byte.
    #[inline]
    pub fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Takes exactly this text.
    #[inline]
    pub fn text<const N: usize>(&mut self, text: &[u8; N]) -> Option<()> {
        if self.rest().first_chunk::<N>()? != text {
            return None;
        }
        self.at += N;
        Some(())
    }

    /// Takes one byte.
    #[inline]
    pub fn byte(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }

    /// Takes all bytes up to the first that `ends`.
    #[inline]
    pub fn until(&mut self, ends: impl Fn(u8) -> bool) -> &'a [u8] {
        let rest = self.rest();
        let length = rest
            .iter()
            .position(|&byte| ends(byte))
            .unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    /// Takes a whole number without leading zeros, of at most 16 digits and at most `max`.
    #[inline]
    pub fn whole(&mut self, max: u64) -> Option<u64> {
        let rest = self.rest();
        let (mut value, mut digits) = eight(rest);
        if digits == 8 {
            let (low, more) = eight(&rest[8..]);
            value = value * POWERS[more] + low;
            digits += more;
            if more == 8 && rest.get(16).is_some_and(u8::is_ascii_digit) {
                return None;
            }
        }
        let is_canonical = digits == 1 || digits > 1 && rest[0] != b'0';
        if !is_canonical || value > max {
            return None;
        }
        self.at += digits;
        Some(value)
    }
}

/// Powers of ten by number of digits.
const POWERS: [u64; 9] = [
    1,
    10,
    100,
    1_000,
    10_000,
    100_000,
    1_000_000,
    10_000_000,
    100_000_000,
];

/// The number that up to eight digits at the start give, and how many there are; bytes behind the end count as none.
#[inline]
fn eight(bytes: &[u8]) -> (u64, usize) {
    let word = match bytes.first_chunk::<8>() {
        Some(chunk) => u64::from_le_bytes(*chunk),
        None => short(bytes),
    };
    let values = word ^ ZEROS;
    let not = (values | values.wrapping_add(SIXES)) & HIGHS;
    // A carry runs upwards only, behind the first byte that is no digit: that one is found right.
    let digits = (not.trailing_zeros() >> 3) as usize;
    (value_of(values, digits), digits)
}

/// The number that the first bytes give, at most sixteen digits; `None` for more, and where fewer than eight bytes are
/// there.
#[inline(always)]
pub fn digits_value(bytes: &[u8], digits: usize) -> Option<u64> {
    if digits > 16 {
        return None;
    }
    // How long a size is cannot be foreseen: both halves are computed, so that nothing is guessed.
    let split = digits.saturating_sub(8);
    let (high, low) = (values(bytes, 0)?, values(bytes, split)?);
    Some(value_of(high, split) * POWERS[8] + value_of(low, digits - split))
}

/// As `digits_value`, of at most eight digits.
#[inline(always)]
pub fn few_digits_value(bytes: &[u8], digits: usize) -> Option<u64> {
    if digits <= 4 {
        let chunk: &[u8; 4] = bytes.first_chunk()?;
        let values = u32::from_le_bytes(*chunk) ^ ZEROS as u32;
        let aligned = values.unbounded_shl(32 - 8 * digits as u32);
        let pairs = (aligned.wrapping_mul(10).wrapping_add(aligned >> 8)) & 0x00ff_00ff;
        return Some(u64::from(
            (pairs.wrapping_mul(100) + (pairs >> 16)) & 0xffff,
        ));
    }
    if digits > 8 {
        return None;
    }
    Some(value_of(values(bytes, 0)?, digits))
}

/// Eight bytes from `at` on, digits as their values.
#[inline(always)]
fn values(bytes: &[u8], at: usize) -> Option<u64> {
    let chunk: &[u8; 8] = bytes.get(at..)?.first_chunk()?;
    Some(u64::from_le_bytes(*chunk) ^ ZEROS)
}

/// The value of the first digits of eight, as values from 0 to 9 with the first in the lowest byte; 0 for none.
#[inline]
fn value_of(values: u64, digits: usize) -> u64 {
    let aligned = values.unbounded_shl(64 - 8 * digits as u32);
    let pairs = (aligned & 0x0f0f_0f0f_0f0f_0f0f).wrapping_mul(2_561) >> 8;
    let fours = (pairs & 0x00ff_00ff_00ff_00ff).wrapping_mul(6_553_601) >> 16;
    (fours & 0x0000_ffff_0000_ffff).wrapping_mul(42_949_672_960_001) >> 32
}

/// The last bytes of a text, as a word whose rest holds no digit.
#[cold]
fn short(bytes: &[u8]) -> u64 {
    let mut word = [0; 8];
    for (to, from) in word.iter_mut().zip(bytes) {
        *to = *from;
    }
    u64::from_le_bytes(word)
}

#[cfg(test)]
mod tests {
    use super::{SAFE_MAX, Scan};

    fn whole(text: &str, max: u64) -> Option<(u64, usize)> {
        let mut scan = Scan::new(text.as_bytes());
        scan.whole(max).map(|value| (value, scan.at()))
    }

    #[test]
    fn numbers_of_every_length() {
        for digits in 1..=16 {
            let text = &"1234567890123456"[..digits];
            let value = text.parse().expect("a number");
            for tail in ["", ",", "]", "x,\"x\":\"00000000\"}", "/", ":"] {
                let line = format!("{text}{tail}");
                assert_eq!(whole(&line, SAFE_MAX), Some((value, digits)), "{line}");
            }
        }
    }

    #[test]
    fn what_is_not_canonical() {
        for text in [
            "",
            "x",
            "-1",
            "01",
            "00",
            "12345678901234567",
            "9007199254740992",
            "99999999999999999",
        ] {
            assert_eq!(whole(text, SAFE_MAX), None, "{text}");
        }
        assert_eq!(whole("0", 0), Some((0, 1)));
        assert_eq!(whole("10001", 10_000), None);
        assert_eq!(whole("9007199254740991", SAFE_MAX), Some((SAFE_MAX, 16)));
    }
}

/// The largest whole number that JavaScript holds exactly.
pub const SAFE_MAX: u64 = (1 << 53) - 1;

/// Reads a line from its start, piece by piece. Every method answers `None` where the piece is not there, and then
/// stands where it stood.
#[derive(Debug)]
pub struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Scan<'a> {
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// Offset within the line.
    pub const fn at(&self) -> usize {
        self.at
    }

    pub const fn is_over(&self) -> bool {
        self.at == self.bytes.len()
    }

    #[inline]
    pub fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Takes exactly this text.
    #[inline]
    pub fn text(&mut self, text: &[u8]) -> Option<()> {
        let there = self.bytes.get(self.at..self.at + text.len())?;
        if there != text {
            return None;
        }
        self.at += text.len();
        Some(())
    }

    /// Takes one byte.
    #[inline]
    pub fn byte(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }

    /// Takes a whole number without leading zeros, of at most 16 digits and at most `max`.
    #[inline]
    pub fn whole(&mut self, max: u64) -> Option<u64> {
        let from = self.at;
        let mut at = from;
        let mut value = 0u64;
        while let Some(&byte) = self.bytes.get(at) {
            let digit = byte.wrapping_sub(b'0');
            if digit > 9 {
                break;
            }
            value = value.wrapping_mul(10).wrapping_add(u64::from(digit));
            at += 1;
        }
        let digits = at - from;
        let is_canonical = digits == 1 || (2..=16).contains(&digits) && self.bytes[from] != b'0';
        if !is_canonical || value > max {
            return None;
        }
        self.at = at;
        Some(value)
    }
}

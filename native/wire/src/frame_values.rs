use polaris_book::{PRICE_MAX, Side, UNSAID};

use crate::decimal::{PRICE_PLACES, SIZE_PLACES, Unfit, scaled};
use crate::frame_fault::{Expected, fault};
use crate::frame_fields::{Fields, Found};
use crate::frame_reader::Reader;
use crate::json::Value;

/// What the strings of a frame say.
impl Reader<'_> {
    /// Price and size of a level, or why it is none: the order of these is that of `levelOf`.
    pub fn level(&self, price: Value, size: Value) -> Found<((u32, u64), u32)> {
        let at = self.decimal(price, PRICE_PLACES);
        if at == Err(Unfit::NotADecimal) {
            return fault(price.start, Expected::Decimal);
        }
        let total = self.decimal(size, SIZE_PLACES);
        if total == Err(Unfit::NotADecimal) {
            return fault(size.start, Expected::Decimal);
        }
        let unfit = match (at, total) {
            (Err(Unfit::Finer), _) => 1,
            (Err(_), _) => 2,
            (_, Err(Unfit::Finer)) => 3,
            (_, Err(_)) => 4,
            (Ok(at), _) if at <= 0 || at >= i64::from(PRICE_MAX) => 5,
            (_, Ok(total)) if total < 0 => 6,
            (Ok(at), Ok(total)) => return Ok(((at as u32, total as u64), 0)),
        };
        Ok(((0, 0), unfit))
    }

    /// The venue's best after a change: `none` for an empty side, `UNSAID` where it does not say.
    pub fn best(&self, row: &Fields, slot: usize, none: i32) -> Found<i32> {
        let Some(text) = row.said(slot)? else {
            return Ok(UNSAID);
        };
        if text.start == text.end {
            return Ok(none);
        }
        match self.decimal(text, PRICE_PLACES) {
            Err(Unfit::NotADecimal) | Ok(..0) => fault(text.start, Expected::Decimal),
            Ok(0) => Ok(none),
            Ok(best) if best <= i64::from(PRICE_MAX) => Ok(best as i32),
            _ => Ok(UNSAID),
        }
    }

    pub fn side(&self, text: Value) -> Found<Side> {
        let side = self.with_text(text, |word| {
            if word.eq_ignore_ascii_case(b"BUY") {
                Some(Side::Bid)
            } else if word.eq_ignore_ascii_case(b"SELL") {
                Some(Side::Ask)
            } else {
                None
            }
        });
        side.map_or_else(|| fault(text.start, Expected::Side), Ok)
    }

    pub fn millis(&self, text: Value) -> Found<u64> {
        let millis = self.with_text(text, |digits| {
            let is_time = matches!(digits.len(), 1..=13) && digits.iter().all(u8::is_ascii_digit);
            let value = |sum: u64, digit: &u8| sum * 10 + u64::from(digit - b'0');
            is_time.then(|| digits.iter().fold(0, value))
        });
        millis.map_or_else(|| fault(text.start, Expected::Millis), Ok)
    }

    pub fn decimal(&self, text: Value, places: u32) -> Result<i64, Unfit> {
        self.with_text(text, |text| scaled(text, places))
    }

    pub fn token(&self, asset: Value) -> u64 {
        self.with_text(asset, |id| self.ids.token(id))
    }

    pub fn with_text<T>(&self, text: Value, read: impl FnOnce(&[u8]) -> T) -> T {
        if text.is_plain {
            read(self.json.0.get(text.start..text.end).unwrap_or(&[]))
        } else {
            read(&self.json.unescaped(text))
        }
    }
}

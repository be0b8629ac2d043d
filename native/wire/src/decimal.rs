use crate::scan::SAFE_MAX;

/// Why a decimal is not a whole number of units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unfit {
    NotADecimal,
    Finer,
    TooLarge,
}

/// Decimal places of a price: the unit is 1e-4 dollar.
pub(crate) const PRICE_PLACES: u32 = 4;
/// Decimal places of a size: the unit is 1e-6 share.
pub(crate) const SIZE_PLACES: u32 = 6;

/// The decimal `text` × 10^places as an exact whole number, as `scaled` in `engine/feeds/decimal.ts`.
pub(crate) fn scaled(text: &[u8], places: u32) -> Result<i64, Unfit> {
    let (is_negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, text),
    };
    let (mut value, mut count, mut left, mut is_fine) = (0u64, 0usize, None, true);
    for &byte in digits {
        match (byte, left) {
            (b'.', None) => left = Some(places),
            (b'0'..=b'9', _) => {
                count += 1;
                if left == Some(0) {
                    is_fine &= byte == b'0';
                } else {
                    value = value
                        .saturating_mul(10)
                        .saturating_add(u64::from(byte - b'0'));
                    left = left.map(|left| left - 1);
                }
            }
            _ => return Err(Unfit::NotADecimal),
        }
    }
    if count == 0 {
        return Err(Unfit::NotADecimal);
    }
    if !is_fine {
        return Err(Unfit::Finer);
    }
    for _ in 0..left.unwrap_or(places) {
        value = value.saturating_mul(10);
    }
    if value > SAFE_MAX {
        return Err(Unfit::TooLarge);
    }
    let value = value as i64; // at most 2^53 − 1
    Ok(if is_negative { -value } else { value })
}

#[cfg(test)]
mod tests {
    use super::{Unfit, scaled};

    #[test]
    fn decimals_as_the_reference_takes_them() {
        let of = |text: &str| scaled(text.as_bytes(), 4);
        assert_eq!(of("0.5"), Ok(5_000));
        assert_eq!(of(".5"), Ok(5_000));
        assert_eq!(of("1."), Ok(10_000));
        assert_eq!(of("-0"), Ok(0));
        assert_eq!(of("-1.50000"), Ok(-15_000));
        assert_eq!(of("0.00001"), Err(Unfit::Finer));
        assert_eq!(of("900719925474.0991"), Ok(9_007_199_254_740_991));
        assert_eq!(of("900719925474.0992"), Err(Unfit::TooLarge));
        assert_eq!(of(&"9".repeat(400)), Err(Unfit::TooLarge));
        for text in ["", "-", ".", "1e3", "+1", " 1", "1.2.3", "--1", "0x1"] {
            assert_eq!(of(text), Err(Unfit::NotADecimal), "{text}");
        }
    }
}

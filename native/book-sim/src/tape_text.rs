use polaris_book::{PRICE_MAX, Side};

use crate::json::{Members, Value};
use crate::request::nearest;

const BOUNDS: [(&str, f64); 2] = [("iterations", 500.0), ("updates", 5_000.0)];

/// One level that is set: side, price in 1e-4 dollar, size in 1e-6 share.
pub(crate) type Update = (Side, u32, u64);

/// An update that was decoded before the clock ran, or its text.
pub(crate) enum Waiting<'v> {
    Decoded(Option<Update>),
    Text(&'v str),
}

/// A tape that was read: how often it is run, how deep a side is summed, and what is set.
pub(crate) struct Tape<'v> {
    pub(crate) iterations: usize,
    pub(crate) band_bps: u64,
    pub(crate) initial: Vec<Update>,
    pub(crate) updates: Vec<Waiting<'v>>,
}

/// A tape from its document; what is wrong with it, where it is none.
pub(crate) fn tape_from<'v>(document: &'v Members<'_>) -> Result<Tape<'v>, String> {
    let number = |name: &str| match field(document, name) {
        Some(Value::Number(x)) => Ok(*x),
        _ => Err(format!("{name} is not a number")),
    };
    let iterations = number("iterations")?;
    let [(name, most), (many, most_updates)] = BOUNDS;
    if !(1.0..=most).contains(&iterations) || iterations.fract() != 0.0 {
        return Err(format!("{name} is {iterations}, expected 1 to {most}"));
    }
    let pct = number("depth_pct")?;
    let band_bps = nearest(pct, 1e4).filter(|bps| (0.0..=1e4).contains(bps));
    let Some(band_bps) = band_bps else {
        return Err(format!(
            "depth_pct is {pct}, expected 0 to 1 in steps of 0.0001"
        ));
    };
    let updates = list(document, "updates")?;
    if updates.is_empty() || updates.len() as f64 > most_updates {
        return Err(format!(
            "{} {many}, expected 1 to {most_updates}",
            updates.len()
        ));
    }
    let mut initial = Vec::new();
    for (name, side) in [("initial_bids", Side::Bid), ("initial_asks", Side::Ask)] {
        for level in list(document, name)? {
            let Value::Object(level) = level else {
                return Err(format!("{name} holds no level"));
            };
            initial.extend(level_from(level, side)?);
        }
    }
    let waiting = updates.iter().map(|update| match update {
        Value::Text(text) => std::str::from_utf8(text)
            .map(Waiting::Text)
            .map_err(|_| "an update is not a text".to_owned()),
        other => Ok(Waiting::Decoded(update_from(other)?)),
    });
    Ok(Tape {
        iterations: iterations as usize,
        band_bps: band_bps as u64,
        initial,
        updates: waiting.collect::<Result<_, String>>()?,
    })
}

/// An update; `None` for one whose price is none of an outcome share, which no book can hold.
pub(crate) fn update_from(value: &Value<'_>) -> Result<Option<Update>, String> {
    let Value::Object(of) = value else {
        return Err("an update is not an object".to_owned());
    };
    let side = match field(of, "side") {
        Some(Value::Text(side)) if side.as_ref() == b"BID" => Side::Bid,
        Some(Value::Text(side)) if side.as_ref() == b"ASK" => Side::Ask,
        _ => return Err("side is neither BID nor ASK".to_owned()),
    };
    level_from(of, side)
}

fn level_from(of: &Members<'_>, side: Side) -> Result<Option<Update>, String> {
    let price = units(of, "price", 4)?;
    let size = units(of, "size", 6)?;
    if size < 0 {
        return Err(format!("size is {size} millionths, expected 0 or more"));
    }
    let is_price = (1..i64::from(PRICE_MAX)).contains(&price);
    Ok(is_price.then_some((side, price as u32, size.unsigned_abs())))
}

/// Whole units of a decimal, written as a number or as a text.
fn units(of: &Members<'_>, name: &str, places: u32) -> Result<i64, String> {
    let found = match field(of, name) {
        Some(Value::Number(x)) => nearest(*x, 10f64.powi(places as i32)).map(|units| units as i64),
        Some(Value::Text(text)) => scaled(text, places),
        _ => None,
    };
    found.ok_or_else(|| format!("{name} is no decimal of at most {places} places"))
}

/// `scaled` of `engine/feeds/decimal.ts`.
fn scaled(text: &[u8], places: u32) -> Option<i64> {
    let (is_negative, digits) = match text.split_first() {
        Some((b'-', rest)) => (true, rest),
        _ => (false, text),
    };
    let (mut value, mut count, mut left): (i64, u32, Option<u32>) = (0, 0, None);
    for &byte in digits {
        match (byte, left) {
            (b'.', None) => left = Some(places),
            (b'0'..=b'9', Some(0)) => {
                count += 1;
                if byte != b'0' {
                    return None;
                }
            }
            (b'0'..=b'9', _) => {
                count += 1;
                value = value.checked_mul(10)?.checked_add(i64::from(byte - b'0'))?;
                left = left.map(|left| left - 1);
            }
            _ => return None,
        }
    }
    let value = value.checked_mul(10i64.pow(left.unwrap_or(places)))?;
    let is_whole = count > 0 && value < 1 << 53;
    is_whole.then_some(if is_negative { -value } else { value })
}

fn field<'v, 'a>(of: &'v Members<'a>, key: &str) -> Option<&'v Value<'a>> {
    let found = of.iter().find(|(name, _)| name.as_ref() == key.as_bytes());
    found.map(|(_, value)| value)
}

fn list<'v, 'a>(of: &'v Members<'a>, name: &str) -> Result<&'v [Value<'a>], String> {
    match field(of, name) {
        Some(Value::List(items)) => Ok(items),
        _ => Err(format!("{name} is not a list")),
    }
}

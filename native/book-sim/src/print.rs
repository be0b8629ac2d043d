use crate::json::{Value, push_code};

/// Shortest forms below this length never have a twin that is equally near: a digit is worth more than the gap to the
/// next double.
const TIES_FROM: usize = 16;

/// Appends a number as `String(x)` writes it.
///
/// # Panics
/// Never: the digits of a finite double are ASCII with one exponent.
pub fn push_number(out: &mut Vec<u8>, x: f64) {
    if x == 0.0 {
        return out.push(b'0');
    }
    if x < 0.0 {
        out.push(b'-');
    }
    if x.is_infinite() {
        return out.extend_from_slice(b"Infinity");
    }
    if x.is_nan() {
        return out.extend_from_slice(b"NaN");
    }
    let mut shortest = format!("{:e}", x.abs());
    if shortest.len() >= TIES_FROM {
        // Of two shortest texts that are equally near the even one counts, which the exact form gives.
        let places = shortest.find('e').unwrap_or(2) - 2;
        shortest = format!("{:.places$e}", x.abs());
    }
    let (mantissa, exponent) = shortest.split_once('e').unwrap_or((&shortest, "0"));
    let digits: Vec<u8> = mantissa.bytes().filter(u8::is_ascii_digit).collect();
    // The point stands behind so many digits.
    let point = exponent.parse::<i32>().unwrap_or(0) + 1;
    let count = digits.len() as i32;
    if (-5..=0).contains(&point) {
        out.extend_from_slice(b"0.");
        out.resize(out.len() + point.unsigned_abs() as usize, b'0');
        out.extend_from_slice(&digits);
    } else if (1..=21).contains(&point) {
        if point >= count {
            out.extend_from_slice(&digits);
            out.resize(out.len() + (point - count) as usize, b'0');
        } else {
            let (whole, rest) = digits.split_at(point as usize);
            out.extend_from_slice(whole);
            out.push(b'.');
            out.extend_from_slice(rest);
        }
    } else {
        out.push(digits[0]);
        if count > 1 {
            out.push(b'.');
            out.extend_from_slice(&digits[1..]);
        }
        let sign = if point > 0 { '+' } else { '-' };
        let exponent = (point - 1).unsigned_abs();
        out.extend_from_slice(format!("e{sign}{exponent}").as_bytes());
    }
}

/// Appends a text as `JSON.stringify` writes it.
pub fn push_text(out: &mut Vec<u8>, text: &[u8]) {
    out.push(b'"');
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        let surrogate = surrogate_at(text, at);
        match (byte, surrogate) {
            (_, Some(unit)) => {
                push_unit(out, unit);
                at += 2;
            }
            (b'"' | b'\\', _) => out.extend([b'\\', byte]),
            (8, _) => out.extend_from_slice(b"\\b"),
            (b'\t', _) => out.extend_from_slice(b"\\t"),
            (b'\n', _) => out.extend_from_slice(b"\\n"),
            (12, _) => out.extend_from_slice(b"\\f"),
            (b'\r', _) => out.extend_from_slice(b"\\r"),
            (0..=31, _) => push_unit(out, u32::from(byte)),
            _ => out.push(byte),
        }
        at += 1;
    }
    out.push(b'"');
}

/// The surrogate that stands alone at a byte of a text.
fn surrogate_at(text: &[u8], at: usize) -> Option<u32> {
    match text.get(at..at + 3)? {
        &[0xed, second @ 0xa0..=0xbf, third] => {
            Some(0xd000 | u32::from(second & 0x3f) << 6 | u32::from(third & 0x3f))
        }
        _ => None,
    }
}

fn push_unit(out: &mut Vec<u8>, unit: u32) {
    out.extend_from_slice(format!("\\u{unit:04x}").as_bytes());
}

/// Appends a value as `JSON.stringify` writes it.
pub fn push_value(out: &mut Vec<u8>, value: &Value<'_>) {
    match value {
        Value::Null => out.extend_from_slice(b"null"),
        Value::Bool(is) => out.extend_from_slice(if *is { b"true" } else { b"false" }),
        Value::Number(x) if x.is_finite() => push_number(out, *x),
        Value::Number(_) => out.extend_from_slice(b"null"),
        Value::Text(text) => push_text(out, text),
        Value::List(items) => {
            out.push(b'[');
            for (k, item) in items.iter().enumerate() {
                if k > 0 {
                    out.push(b',');
                }
                push_value(out, item);
            }
            out.push(b']');
        }
        Value::Object(members) => {
            out.push(b'{');
            for (k, (key, item)) in members.iter().enumerate() {
                if k > 0 {
                    out.push(b',');
                }
                push_text(out, key);
                out.push(b':');
                push_value(out, item);
            }
            out.push(b'}');
        }
    }
}

/// The longest that a value is quoted, in UTF-16 units, and how much of a longer one is.
const QUOTED_MAX: (usize, usize) = (60, 57);

/// Appends a value for a message: `missing` for none, and not all of a long one.
pub fn push_shortly(out: &mut Vec<u8>, value: Option<&Value<'_>>) {
    let Some(value) = value else {
        return out.extend_from_slice(b"missing");
    };
    let mut whole = Vec::new();
    push_value(&mut whole, value);
    let text = String::from_utf8_lossy(&whole);
    if text.chars().map(char::len_utf16).sum::<usize>() <= QUOTED_MAX.0 {
        return out.extend_from_slice(&whole);
    }
    for unit in std::char::decode_utf16(text.encode_utf16().take(QUOTED_MAX.1)) {
        match unit {
            Ok(char) => push_code(out, u32::from(char)),
            Err(half) => push_code(out, u32::from(half.unpaired_surrogate())),
        }
    }
    out.extend_from_slice("…".as_bytes());
}

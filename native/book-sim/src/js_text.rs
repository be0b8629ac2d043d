/// Whether a key says something beside a number: not where `Number(key)` is one, as it is for no key at all.
pub(crate) fn is_named(key: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(key) else {
        return true;
    };
    let text = text.trim_matches(is_space);
    if text.is_empty() {
        return false;
    }
    for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] {
        let digits = text
            .get(..2)
            .filter(|head| head.eq_ignore_ascii_case(prefix));
        if digits.is_some() {
            let digits = &text[2..];
            return digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(radix));
        }
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    unsigned != "Infinity" && !is_decimal(unsigned)
}

fn is_decimal(text: &str) -> bool {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (
            mantissa,
            exponent.strip_prefix(['+', '-']).unwrap_or(exponent),
        ),
        None => (text, "0"),
    };
    let (whole, rest) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    !(whole.is_empty() && rest.is_empty())
        && are_digits(whole)
        && are_digits(rest)
        && !exponent.is_empty()
        && are_digits(exponent)
}

/// White space as `trim` of JavaScript knows it.
pub fn is_space(char: char) -> bool {
    (char.is_whitespace() && char != '\u{85}') || char == '\u{feff}'
}

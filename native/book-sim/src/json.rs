use std::borrow::Cow;
use std::collections::HashMap;

/// A text as JavaScript knows it, in generalised UTF-8: a surrogate without its other half is kept as three bytes.
pub type Text<'a> = Cow<'a, [u8]>;

/// Key and value of each member, in the order that JavaScript lists them.
pub type Members<'a> = Vec<(Text<'a>, Value<'a>)>;

/// A JSON value.
#[derive(Clone, Debug)]
pub enum Value<'a> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// The double nearest to what is written.
    Number(f64),
    /// A string.
    Text(Text<'a>),
    /// An array.
    List(Vec<Value<'a>>),
    /// An object.
    Object(Members<'a>),
}

/// Values inside each other, at most: `DEPTH_MAX` in `compat/book-sim/plain.ts`.
const DEPTH_MAX: usize = 64;
/// Members from which a repeated key is looked for in a map.
const MANY: usize = 16;

/// Reads a JSON text as `JSON.parse` does. `None` for anything else, for what is nested deeper than 64 values, and for
/// an object with a key `__proto__`.
pub fn parse(text: &str) -> Option<Value<'_>> {
    let mut parser = Parser { text, at: 0 };
    parser.blank();
    let value = parser.value(1)?;
    parser.blank();
    (parser.at == text.len()).then_some(value)
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn blank(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn eat(&mut self, byte: u8) -> Option<()> {
        let is_there = self.peek() == Some(byte);
        self.at += usize::from(is_there);
        is_there.then_some(())
    }

    fn word<T>(&mut self, word: &str, value: T) -> Option<T> {
        let is_there = self.text.as_bytes()[self.at..].starts_with(word.as_bytes());
        self.at += word.len();
        is_there.then_some(value)
    }

    fn value(&mut self, depth: usize) -> Option<Value<'a>> {
        if depth > DEPTH_MAX {
            return None;
        }
        match self.peek()? {
            b'"' => Some(Value::Text(self.string()?)),
            b'{' => self.object(depth),
            b'[' => self.list(depth),
            b't' => self.word("true", Value::Bool(true)),
            b'f' => self.word("false", Value::Bool(false)),
            b'n' => self.word("null", Value::Null),
            _ => self.number(),
        }
    }

    fn list(&mut self, depth: usize) -> Option<Value<'a>> {
        let mut items = Vec::new();
        self.at += 1;
        self.blank();
        if self.eat(b']').is_some() {
            return Some(Value::List(items));
        }
        loop {
            self.blank();
            items.push(self.value(depth + 1)?);
            self.blank();
            if self.eat(b',').is_none() {
                self.eat(b']')?;
                return Some(Value::List(items));
            }
        }
    }

    fn object(&mut self, depth: usize) -> Option<Value<'a>> {
        let mut members = Members::new();
        self.at += 1;
        self.blank();
        if self.eat(b'}').is_some() {
            return Some(Value::Object(members));
        }
        loop {
            self.blank();
            let key = self.string()?;
            if key.as_ref() == b"__proto__" {
                return None;
            }
            self.blank();
            self.eat(b':')?;
            self.blank();
            members.push((key, self.value(depth + 1)?));
            self.blank();
            if self.eat(b',').is_none() {
                self.eat(b'}')?;
                return Some(Value::Object(ordered(members)));
            }
        }
    }

    fn number(&mut self) -> Option<Value<'a>> {
        let start = self.at;
        let _ = self.eat(b'-');
        if self.eat(b'0').is_none() {
            self.digits()?;
        }
        if self.eat(b'.').is_some() {
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        let number = self.text[start..self.at].parse().ok()?;
        Some(Value::Number(number))
    }

    /// One digit or more.
    fn digits(&mut self) -> Option<()> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }

    fn string(&mut self) -> Option<Text<'a>> {
        self.eat(b'"')?;
        let start = self.at;
        loop {
            match self.peek()? {
                b'"' => {
                    let text = &self.text.as_bytes()[start..self.at];
                    self.at += 1;
                    return Some(Cow::Borrowed(text));
                }
                b'\\' => break,
                0..=31 => return None,
                _ => self.at += 1,
            }
        }
        let mut owned = self.text.as_bytes()[start..self.at].to_vec();
        loop {
            match self.peek()? {
                b'"' => {
                    self.at += 1;
                    return Some(Cow::Owned(owned));
                }
                b'\\' => self.escape(&mut owned)?,
                0..=31 => return None,
                byte => {
                    owned.push(byte);
                    self.at += 1;
                }
            }
        }
    }

    fn escape(&mut self, into: &mut Vec<u8>) -> Option<()> {
        self.at += 1;
        let byte = self.peek()?;
        self.at += 1;
        let plain = match byte {
            b'"' | b'\\' | b'/' => byte,
            b'b' => 8,
            b't' => b'\t',
            b'n' => b'\n',
            b'f' => 12,
            b'r' => b'\r',
            b'u' => {
                let unit = self.unit()?;
                let code = self.paired(unit)?;
                push_code(into, code);
                return Some(());
            }
            _ => return None,
        };
        into.push(plain);
        Some(())
    }

    /// The character of a high surrogate and the low one behind it, else the unit itself.
    fn paired(&mut self, unit: u32) -> Option<u32> {
        let is_high = (0xd800..0xdc00).contains(&unit);
        if !is_high || !self.text.as_bytes()[self.at..].starts_with(b"\\u") {
            return Some(unit);
        }
        let back = self.at;
        self.at += 2;
        let low = self.unit()?;
        if (0xdc00..0xe000).contains(&low) {
            return Some(0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00));
        }
        self.at = back;
        Some(unit)
    }

    fn unit(&mut self) -> Option<u32> {
        let hex = self.text.as_bytes().get(self.at..self.at + 4)?;
        self.at += 4;
        hex.iter().try_fold(0, |sum, &byte| {
            char::from(byte).to_digit(16).map(|digit| sum * 16 + digit)
        })
    }
}

/// Appends a code point, a lone surrogate too.
pub fn push_code(into: &mut Vec<u8>, code: u32) {
    match char::from_u32(code) {
        Some(char) => into.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes()),
        None => into.extend([
            0xe0 | (code >> 12) as u8,
            0x80 | (code >> 6 & 0x3f) as u8,
            0x80 | (code & 0x3f) as u8,
        ]),
    }
}

/// Members as JavaScript keeps them: of a repeated key the place of the first and the value of the last; keys that are
/// array indices before all others, ascending.
fn ordered(members: Members<'_>) -> Members<'_> {
    let is_plain = |(k, (key, _)): (usize, &(Text<'_>, Value<'_>))| {
        index_of(key).is_none() && members[..k].iter().all(|(other, _)| other != key)
    };
    if members.len() <= MANY && members.iter().enumerate().all(is_plain) {
        return members;
    }
    let mut kept = without_repeats(members);
    if kept.iter().any(|(key, _)| index_of(key).is_some()) {
        kept.sort_by_key(|(key, _)| index_of(key).unwrap_or(u32::MAX));
    }
    kept
}

fn without_repeats(members: Members<'_>) -> Members<'_> {
    let mut places: HashMap<Vec<u8>, usize> = HashMap::new();
    let is_big = members.len() > MANY;
    let mut kept: Members<'_> = Vec::with_capacity(members.len());
    for (key, value) in members {
        let at = if is_big {
            places.get(key.as_ref()).copied()
        } else {
            kept.iter().position(|(other, _)| *other == key)
        };
        match at {
            Some(at) => kept[at].1 = value,
            None => {
                if is_big {
                    places.insert(key.to_vec(), kept.len());
                }
                kept.push((key, value));
            }
        }
    }
    kept
}

/// The number of a key that is an array index: decimal without leading zeros, below 2^32 − 1.
fn index_of(key: &[u8]) -> Option<u32> {
    let is_decimal = !key.is_empty() && key.len() <= 10 && key.iter().all(u8::is_ascii_digit);
    if !is_decimal || (key.len() > 1 && key[0] == b'0') {
        return None;
    }
    let number: u32 = std::str::from_utf8(key).ok()?.parse().ok()?;
    (number != u32::MAX).then_some(number)
}

//! JSON as bytes: where a value ends, or where it is none.

use crate::frame_fault::{Expected, Found, FrameFault, fault};
use crate::ids::is_plain;

/// Values may stand in each other this deep.
pub const DEPTH_MAX: usize = 64;

/// A value in a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Absent,
    Text,
    Null,
    List,
    Other,
}

/// Where a value stands: a string without its quotes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Value {
    pub kind: Kind,
    pub start: usize,
    pub end: usize,
    /// Of a string: every byte stands for itself.
    pub is_plain: bool,
}

impl Value {
    pub const ABSENT: Self = Self {
        kind: Kind::Absent,
        start: 0,
        end: 0,
        is_plain: true,
    };
}

/// Bytes that should be JSON.
#[derive(Clone, Copy)]
pub(crate) struct Json<'a>(pub &'a [u8]);

impl Json<'_> {
    /// The byte at a place.
    ///
    /// # Errors
    /// The end of the bytes.
    pub fn byte(self, at: usize) -> Found<u8> {
        self.0.get(at).copied().ok_or(FrameFault {
            at: self.0.len(),
            expected: Expected::More,
        })
    }

    /// The first place from `at` on that is no white space.
    pub fn behind_space(self, mut at: usize) -> usize {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.0.get(at) {
            at += 1;
        }
        at
    }

    /// The value at a place, and the place behind it.
    pub fn value(self, at: usize) -> Found<(Value, usize)> {
        let (kind, behind) = match self.byte(at)? {
            b'"' => {
                let value = self.string(at)?;
                return Ok((value, value.end + 1));
            }
            b'{' => (Kind::Other, self.nested(at)?),
            b'[' => (Kind::List, self.nested(at)?),
            b'n' => (Kind::Null, self.scalar(at)?),
            _ => (Kind::Other, self.scalar(at)?),
        };
        let value = Value {
            kind,
            start: at,
            end: behind,
            is_plain: true,
        };
        Ok((value, behind))
    }

    /// The key at a place, and the place behind its colon.
    pub fn key(self, at: usize) -> Found<(Value, usize)> {
        if self.byte(at)? != b'"' {
            return fault(at, Expected::Key);
        }
        let key = self.string(at)?;
        let colon = self.behind_space(key.end + 1);
        if self.byte(colon)? != b':' {
            return fault(colon, Expected::Colon);
        }
        Ok((key, self.behind_space(colon + 1)))
    }

    /// The string whose quote stands at `at`.
    fn string(self, at: usize) -> Found<Value> {
        let mut is_plain_text = true;
        let mut end = at + 1;
        loop {
            match self.byte(end)? {
                b'"' => break,
                b'\\' => {
                    is_plain_text = false;
                    end = self.escape(end)?;
                }
                0..b' ' => return fault(end, Expected::Character),
                byte => {
                    is_plain_text &= is_plain(byte);
                    end += 1;
                }
            }
        }
        Ok(Value {
            kind: Kind::Text,
            start: at + 1,
            end,
            is_plain: is_plain_text,
        })
    }

    /// The place behind the escape whose backslash stands at `at`.
    fn escape(self, at: usize) -> Found<usize> {
        match self.byte(at + 1)? {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Ok(at + 2),
            b'u' => {
                for digit in at + 2..at + 6 {
                    if !self.byte(digit)?.is_ascii_hexdigit() {
                        return fault(at, Expected::Escape);
                    }
                }
                Ok(at + 6)
            }
            _ => fault(at, Expected::Escape),
        }
    }

    /// The place behind the string, number or word at `at`.
    fn scalar(self, at: usize) -> Found<usize> {
        match self.byte(at)? {
            b'"' => Ok(self.string(at)?.end + 1),
            b't' => self.word(at, b"true"),
            b'f' => self.word(at, b"false"),
            b'n' => self.word(at, b"null"),
            b'-' | b'0'..=b'9' => self.number(at),
            _ => fault(at, Expected::Value),
        }
    }

    fn word(self, at: usize, word: &[u8]) -> Found<usize> {
        for (i, &letter) in word.iter().enumerate() {
            if self.byte(at + i)? != letter {
                return fault(at, Expected::Value);
            }
        }
        Ok(at + word.len())
    }

    fn number(self, at: usize) -> Found<usize> {
        let mut at = at;
        if self.byte(at)? == b'-' {
            at += 1;
        }
        at = if self.byte(at)? == b'0' {
            at + 1
        } else {
            self.digits(at)?
        };
        if self.0.get(at) == Some(&b'.') {
            at = self.digits(at + 1)?;
        }
        if let Some(b'e' | b'E') = self.0.get(at) {
            at += 1;
            if let Some(b'+' | b'-') = self.0.get(at) {
                at += 1;
            }
            at = self.digits(at)?;
        }
        Ok(at)
    }

    /// The place behind the digits at `at`, one at least.
    fn digits(self, at: usize) -> Found<usize> {
        if !self.byte(at)?.is_ascii_digit() {
            return fault(at, Expected::Digit);
        }
        let mut at = at;
        while self.0.get(at).is_some_and(u8::is_ascii_digit) {
            at += 1;
        }
        Ok(at)
    }

    /// The place behind the object or array at `at`.
    fn nested(self, mut at: usize) -> Found<usize> {
        let mut is_object = [false; DEPTH_MAX];
        let mut depth = 0;
        loop {
            let opened = self.byte(at)?;
            if opened == b'{' || opened == b'[' {
                let Some(slot) = is_object.get_mut(depth) else {
                    return fault(at, Expected::Depth);
                };
                *slot = opened == b'{';
                depth += 1;
                at = self.behind_space(at + 1);
                let next = self.byte(at)?;
                if next != opened + 2 {
                    if opened == b'{' {
                        at = self.key(at)?.1;
                    }
                    continue;
                }
                at += 1;
                depth -= 1;
            } else {
                at = self.scalar(at)?;
            }
            loop {
                let Some(inside) = depth.checked_sub(1) else {
                    return Ok(at);
                };
                at = self.behind_space(at);
                let next = self.byte(at)?;
                if next == b',' {
                    at = self.behind_space(at + 1);
                    if is_object[inside] {
                        at = self.key(at)?.1;
                    }
                    break;
                }
                if next != if is_object[inside] { b'}' } else { b']' } {
                    return fault(at, Expected::Comma);
                }
                at += 1;
                depth = inside;
            }
        }
    }

    /// The elements of an array that is known to be whole, each with the place behind it, and where they end.
    pub fn each(self, list: Value, mut take: impl FnMut(usize) -> Found<usize>) -> Found<()> {
        let mut at = self.behind_space(list.start + 1);
        if self.byte(at)? == b']' {
            return Ok(());
        }
        loop {
            at = self.behind_space(take(at)?);
            if self.byte(at)? != b',' {
                return Ok(());
            }
            at = self.behind_space(at + 1);
        }
    }

    /// What a string says: its escapes resolved, code units beyond ASCII in three bytes each.
    #[cold]
    pub fn unescaped(self, text: Value) -> Vec<u8> {
        let raw = self.0.get(text.start..text.end).unwrap_or(&[]);
        let mut said = Vec::with_capacity(raw.len());
        let mut bytes = raw.iter().copied();
        while let Some(byte) = bytes.next() {
            if byte != b'\\' {
                said.push(byte);
                continue;
            }
            match bytes.next() {
                Some(b'b') => said.push(8),
                Some(b'f') => said.push(12),
                Some(b'n') => said.push(10),
                Some(b'r') => said.push(13),
                Some(b't') => said.push(9),
                Some(b'u') => {
                    let unit = bytes.by_ref().take(4).fold(0u32, |unit, digit| {
                        unit * 16 + char::from(digit).to_digit(16).unwrap_or(0)
                    });
                    match unit {
                        0..0x80 => said.push(unit as u8),
                        0x80..0x800 => {
                            said.extend([0xc0 | (unit >> 6) as u8, 0x80 | (unit & 63) as u8]);
                        }
                        _ => said.extend([
                            0xe0 | (unit >> 12) as u8,
                            0x80 | (unit >> 6 & 63) as u8,
                            0x80 | (unit & 63) as u8,
                        ]),
                    }
                }
                Some(itself) => said.push(itself),
                None => {}
            }
        }
        said
    }
}

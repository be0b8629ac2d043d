/// A sequence number as the digits that a line begins with, counted upwards without a division.
#[derive(Clone, Debug)]
pub struct Number {
    /// `{"n":`, the digits, a comma; valid up to `length`.
    text: [u8; 32],
    length: usize,
}

const KEY: &[u8] = br#"{"n":"#;

impl Number {
    pub fn new(value: u64) -> Self {
        let mut text = [0; 32];
        let written = format!(r#"{{"n":{value},"#);
        text[..written.len()].copy_from_slice(written.as_bytes());
        Self {
            text,
            length: written.len(),
        }
    }

    /// Whether a line begins with this number.
    #[inline]
    pub fn begins(&self, line: &[u8]) -> bool {
        line.get(..self.length)
            .is_some_and(|start| start == &self.text[..self.length])
    }

    #[inline]
    pub fn increment(&mut self) {
        let digits = &mut self.text[KEY.len()..self.length - 1];
        for digit in digits.iter_mut().rev() {
            if *digit < b'9' {
                *digit += 1;
                return;
            }
            *digit = b'0';
        }
        self.lengthen();
    }

    #[cold]
    fn lengthen(&mut self) {
        self.text[KEY.len()] = b'1';
        self.text[self.length - 1] = b'0';
        self.text[self.length] = b',';
        self.length += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::Number;

    #[test]
    fn counts() {
        let mut number = Number::new(1);
        for value in 1..=100_100 {
            assert!(number.begins(format!(r#"{{"n":{value},"t""#).as_bytes()));
            assert!(!number.begins(format!(r#"{{"n":{value}0,"t""#).as_bytes()));
            number.increment();
        }
    }
}

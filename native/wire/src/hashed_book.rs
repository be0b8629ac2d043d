use sha1::{Digest, Sha1};

/// One side of a book in the venue's own words: its levels as they are hashed, one behind another.
#[derive(Clone, Debug, Default)]
struct Side {
    /// What orders the levels; it rises or falls.
    at: Vec<f64>,
    /// Where each level ends in `text`; a comma stands behind it where another follows.
    ends: Vec<usize>,
    text: Vec<u8>,
}

impl Side {
    /// Where a level begins; behind the last one, where the next would.
    fn start(&self, place: usize) -> usize {
        place
            .checked_sub(1)
            .map_or(0, |before| self.ends[before] + 1)
    }

    /// The text of a level.
    fn level(&self, place: usize) -> &[u8] {
        &self.text[self.start(place)..self.ends[place]]
    }

    fn set(&mut self, place: usize, text: &[u8]) {
        let (start, end) = (self.start(place), self.ends[place]);
        self.text.splice(start..end, text.iter().copied());
        self.shift(place, text.len() as isize - (end - start) as isize);
    }

    fn insert(&mut self, place: usize, at: f64, text: &[u8]) {
        let is_last = place == self.at.len();
        let start = self.start(place).min(self.text.len());
        if is_last {
            if !self.text.is_empty() {
                self.text.push(b',');
            }
            self.text.extend_from_slice(text);
        } else {
            let with_comma = text.iter().copied().chain([b',']);
            self.text.splice(start..start, with_comma);
        }
        let start = self.start(place);
        self.at.insert(place, at);
        self.ends.insert(place, start + text.len());
        if !is_last {
            self.shift(place + 1, text.len() as isize + 1);
        }
    }

    fn remove(&mut self, place: usize) {
        let (start, end) = (self.start(place), self.ends[place]);
        let is_last = place + 1 == self.at.len();
        // A comma goes with it: the one behind, or before the last.
        let range = if is_last {
            start.saturating_sub(1)..end
        } else {
            start..end + 1
        };
        let length = range.len();
        self.text.drain(range);
        self.at.remove(place);
        self.ends.remove(place);
        self.shift(place, -(length as isize));
    }

    fn shift(&mut self, from: usize, by: isize) {
        for end in &mut self.ends[from..] {
            *end = end.wrapping_add_signed(by);
        }
    }
}

/// What a change of a book did, to take it back.
#[derive(Debug)]
pub struct Undo {
    side: usize,
    at: f64,
    /// The level that stood there.
    before: Option<Vec<u8>>,
}

/// A token's book in the venue's own number strings, for its hash: as `HashedBook` in
/// `engine/feeds/polymarket/decode/book-hash.ts`, which says what is hashed. Bids rise and asks fall.
#[derive(Clone, Debug, Default)]
pub struct HashedBook {
    /// What is hashed before the time, and behind the levels.
    head: Vec<u8>,
    tail: Vec<u8>,
    sides: [Side; 2],
}

impl HashedBook {
    /// A book of these levels, each as it is hashed with what orders it; bids first.
    pub fn new<'a>(levels: [impl Iterator<Item = (f64, &'a [u8])>; 2]) -> Self {
        let mut book = Self::default();
        for (side, levels) in book.sides.iter_mut().zip(levels) {
            for (at, text) in levels {
                side.insert(side.at.len(), at, text);
            }
        }
        book
    }

    /// What is hashed around time and levels.
    pub fn set_hashed_text(&mut self, head: &[u8], tail: &[u8]) {
        self.head = head.to_vec();
        self.tail = tail.to_vec();
    }

    /// The levels of a side as they are hashed.
    pub fn text(&self, side: usize) -> &[u8] {
        &self.sides[side].text
    }

    /// Sets the level at a price in units; a size of zero removes it.
    pub fn change(&mut self, side: usize, units: u32, level: Option<(&[u8], &[u8])>) -> Undo {
        // The price in dollars, as the reference reads it: a quotient of exact numbers is rounded as the decimal is.
        let at = f64::from(units) / 10_000.0;
        let text = level.map(|(price, size)| {
            [br#"{"price":""#, price, br#"","size":""#, size, br#""}"#].concat()
        });
        self.put(side, at, text)
    }

    /// Takes a change back; the last one first.
    pub fn undo(&mut self, undo: Undo) {
        let Undo { side, at, before } = undo;
        self.put(side, at, before);
    }

    fn put(&mut self, side: usize, at: f64, text: Option<Vec<u8>>) -> Undo {
        let levels = &mut self.sides[side];
        // Asks fall: the same order under the opposite sign.
        let sign = if side == 0 { 1.0 } else { -1.0 };
        let place = levels.at.partition_point(|&other| other * sign < at * sign);
        let is_there = levels.at.get(place) == Some(&at);
        let before = is_there.then(|| levels.level(place).to_vec());
        match text {
            Some(text) if is_there => levels.set(place, &text),
            Some(text) => levels.insert(place, at, &text),
            None if is_there => levels.remove(place),
            None => {}
        }
        Undo { side, at, before }
    }

    /// Whether its hash at a time is this one, in lower-case hex.
    pub fn is(&self, timestamp: &[u8], hash: &[u8]) -> bool {
        let mut sha1 = Sha1::new();
        let [bids, asks] = &self.sides;
        let parts: [&[u8]; 7] = [
            &self.head,
            timestamp,
            br#"","hash":"","bids":["#,
            &bids.text,
            br#"],"asks":["#,
            &asks.text,
            &self.tail,
        ];
        for part in parts {
            sha1.update(part);
        }
        let digest: [u8; 20] = sha1.finalize().into();
        let (pairs, rest) = hash.as_chunks::<2>();
        let digit = |digit: u8| b"0123456789abcdef"[usize::from(digit)];
        let is_byte =
            |(&byte, pair): (&u8, &[u8; 2])| *pair == [digit(byte >> 4), digit(byte & 15)];
        pairs.len() == digest.len() && rest.is_empty() && digest.iter().zip(pairs).all(is_byte)
    }
}

#[cfg(test)]
mod tests {
    use super::HashedBook;
    use std::collections::BTreeMap;

    /// Any changes, some taken back: the text is that of a map.
    #[test]
    fn levels_stand_in_order_whatever_came_and_went() {
        let mut book = HashedBook::default();
        let mut maps: [BTreeMap<i64, String>; 2] = Default::default();
        let mut seed = 7u32;
        let mut random = |below: u32| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 8) % below
        };
        for step in 0..5_000 {
            let (side, units) = (random(2) as usize, 1 + random(40));
            let size = "7".repeat(random(6) as usize);
            let price = format!("0.{units:04}");
            let level = (!size.is_empty()).then_some((price.as_bytes(), size.as_bytes()));
            let undo = book.change(side, units, level);
            if random(4) == 0 {
                book.undo(undo);
            } else {
                let key = if side == 0 { 1 } else { -1 } * i64::from(units);
                maps[side].remove(&key);
                if !size.is_empty() {
                    let text = format!(r#"{{"price":"{price}","size":"{size}"}}"#);
                    maps[side].insert(key, text);
                }
            }
            for (side, map) in maps.iter().enumerate() {
                let wanted: Vec<&str> = map.values().map(String::as_str).collect();
                let found = String::from_utf8_lossy(book.text(side)).into_owned();
                assert_eq!(found, wanted.join(","), "step {step}");
            }
        }
    }

    #[test]
    fn the_hash_is_of_the_whole_text() {
        let levels: [&[(f64, &[u8])]; 2] = [&[(0.5, b"{}")], &[]];
        let mut book = HashedBook::new(levels.map(|side| side.iter().copied()));
        book.set_hashed_text(b"a", b"z");
        // printf 'a12","hash":"","bids":[{}],"asks":[z' | sha1sum
        assert!(book.is(b"12", HASH.as_bytes()));
        assert!(!book.is(b"13", HASH.as_bytes()));
        assert!(!book.is(b"12", HASH.to_uppercase().as_bytes()));
        assert!(!book.is(b"12", b""));
    }

    const HASH: &str = "f3c40d12c5b554a0099f5e37291eb1548d5aa38c";
}

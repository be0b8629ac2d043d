//! Which small number an asset id of the venue stands for.

/// Stands for an asset id that nobody registered.
pub const UNKNOWN: u64 = u64::MAX;

/// Bytes that an id may have. The venue's have 75 to 78 digits.
const ID_MAX: usize = 95;

#[derive(Clone, Debug)]
struct Entry {
    /// The id and the quote that ends it in a frame; then zeros.
    bytes: [u8; ID_MAX + 1],
    /// With the quote.
    length: usize,
    token: u64,
}

/// A table of asset ids, found by their first bytes: where an id ends in a frame is then known from the table.
#[derive(Clone, Debug)]
pub struct TokenIds {
    entries: Vec<Entry>,
    /// Place in `entries` plus one; 0 for none. A power of two, at most half full.
    slots: Vec<u32>,
}

impl Default for TokenIds {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
            slots: vec![0; 16],
        }
    }
}

impl TokenIds {
    /// Registers an id; one that is there stands for the new token from here on. Answers whether it is one that a frame
    /// can carry as it stands: 1 to 95 printable ASCII characters without quote and backslash.
    pub fn register(&mut self, id: &[u8], token: u64) -> bool {
        if id.is_empty() || id.len() > ID_MAX || !id.iter().all(|&byte| is_plain(byte)) {
            return false;
        }
        let mut bytes = [0; ID_MAX + 1];
        bytes[..id.len()].copy_from_slice(id);
        bytes[id.len()] = b'"';
        let length = id.len() + 1;
        if let Some(place) = self.place(&bytes[..length]) {
            self.entries[place].token = token;
            return true;
        }
        self.entries.push(Entry {
            bytes,
            length,
            token,
        });
        if self.entries.len() * 2 > self.slots.len() {
            self.slots = vec![0; self.slots.len() * 2];
            for place in 0..self.entries.len() {
                self.seat(place);
            }
        } else {
            self.seat(self.entries.len() - 1);
        }
        true
    }

    /// The token of an id; `UNKNOWN` where nobody registered it.
    pub fn token(&self, id: &[u8]) -> u64 {
        let mut bytes = [0; ID_MAX + 1];
        if id.len() > ID_MAX {
            return UNKNOWN;
        }
        bytes[..id.len()].copy_from_slice(id);
        bytes[id.len()] = b'"';
        self.place(&bytes[..=id.len()])
            .map_or(UNKNOWN, |place| self.entries[place].token)
    }

    /// The token of the registered id that `bytes` begin with, its quote included, and the length of the id.
    #[inline]
    pub(crate) fn leading(&self, bytes: &[u8]) -> Option<(u64, usize)> {
        let place = self.place(bytes)?;
        let entry = &self.entries[place];
        Some((entry.token, entry.length - 1))
    }

    #[inline]
    fn place(&self, bytes: &[u8]) -> Option<usize> {
        let mask = self.slots.len() - 1;
        let mut slot = hash(bytes) & mask;
        loop {
            let place = (self.slots[slot] as usize).checked_sub(1)?;
            let entry = &self.entries[place];
            if bytes.get(..entry.length) == Some(&entry.bytes[..entry.length]) {
                return Some(place);
            }
            slot = (slot + 1) & mask;
        }
    }

    fn seat(&mut self, place: usize) {
        let mask = self.slots.len() - 1;
        let entry = &self.entries[place];
        let mut slot = hash(&entry.bytes[..entry.length]) & mask;
        while self.slots[slot] != 0 {
            slot = (slot + 1) & mask;
        }
        self.slots[slot] = place as u32 + 1;
    }
}

/// Whether a byte stands in a string for itself: printable ASCII, no quote, no backslash.
#[inline]
pub(crate) const fn is_plain(byte: u8) -> bool {
    byte >= b' ' && byte < 0x7f && byte != b'"' && byte != b'\\'
}

/// Of the first eight bytes up to the quote: no byte behind an id counts.
#[inline]
fn hash(bytes: &[u8]) -> usize {
    let word = match bytes.first_chunk::<8>() {
        Some(chunk) if !chunk.contains(&b'"') => u64::from_le_bytes(*chunk),
        _ => short(bytes),
    };
    (word.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) as usize
}

#[cold]
fn short(bytes: &[u8]) -> u64 {
    let mut word = [0; 8];
    for (to, &from) in word.iter_mut().zip(bytes) {
        if from == b'"' {
            break;
        }
        *to = from;
    }
    u64::from_le_bytes(word)
}

#[cfg(test)]
mod tests {
    use super::{TokenIds, UNKNOWN};

    #[test]
    fn ids_are_found_by_all_their_bytes() {
        let mut ids = TokenIds::default();
        let long = "1".repeat(77);
        let names: Vec<String> = (0..100)
            .map(|n| format!("{long}{n}"))
            .chain((0..100).map(|n| format!("{n}")))
            .collect();
        for (token, name) in names.iter().enumerate() {
            assert!(ids.register(name.as_bytes(), token as u64));
        }
        for (token, name) in names.iter().enumerate() {
            assert_eq!(ids.token(name.as_bytes()), token as u64, "{name}");
            let text = format!("{name}\",\"price\"");
            let found = ids.leading(text.as_bytes());
            assert_eq!(found, Some((token as u64, name.len())));
        }
        assert_eq!(ids.token(long.as_bytes()), UNKNOWN);
        assert_eq!(ids.leading(b"7"), None);
        assert!(ids.register(b"7", 1_000));
        assert_eq!(ids.token(b"7"), 1_000);
    }

    #[test]
    fn what_no_frame_carries_as_it_stands() {
        let mut ids = TokenIds::default();
        for id in [
            &b""[..],
            b"a\"b",
            b"a\\b",
            b"\n",
            &[0xc3, 0xa4],
            &[b'1'; 96],
        ] {
            assert!(!ids.register(id, 1));
        }
    }
}

use polaris_book::{Change, Side, UNSAID};

use crate::tape::{CHANGE_WORDS, KIND_BITS, LOT, PRICE_BITS, UNSAID_HALF, entry, mirrored};

/// A trade whose size takes two words.
const WIDE_TRADE: u32 = entry::TRADE | entry::WIDE;

/// What stands at a place of a tape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// `Reader::changes` are its level changes.
    Changes,
    /// A trade of a token.
    Trade(u64),
    /// Another input, by the offset of its line.
    Line(usize),
    /// So many events that concern nobody.
    Skip(u64),
}

/// Reads a tape entry by entry.
#[derive(Clone, Debug)]
pub struct TapeReader<'a> {
    words: &'a [u32],
    /// The next entry's first word.
    pub at: usize,
    /// Time of the last entry, in µs.
    pub t_us: u64,
}

impl<'a> TapeReader<'a> {
    /// Stands at `at`, with the time of the entry before it.
    pub const fn new(words: &'a [u32], at: usize, t_us: u64) -> Self {
        Self { words, at, t_us }
    }

    /// Takes the next entry; its level changes, if it has any, into `changes`. `None` at the end, and where the words are
    /// no entry.
    #[inline(always)]
    pub fn next(&mut self, changes: &mut Vec<Change>) -> Option<Entry> {
        let mut first = *self.words.get(self.at)?;
        if first == entry::JUMP {
            let &[low, high, next] = self.words.get(self.at + 1..)?.first_chunk()?;
            self.t_us = u64::from(high) << 32 | u64::from(low);
            self.at += 3;
            first = next;
        }
        self.t_us += u64::from(first >> KIND_BITS);
        let rest = self.words.get(self.at + 1..)?;
        let kind = first & ((1 << KIND_BITS) - 1);
        match kind {
            entry::ONE | entry::UP | entry::DOWN => {
                let &[placed, lots, bests] = rest.first_chunk()?;
                self.at += 4;
                usual(kind, placed, u64::from(lots) * LOT, bests, changes);
                Some(Entry::Changes)
            }
            entry::TRADE | WIDE_TRADE => {
                let placed = *rest.first()?;
                self.at += if kind == entry::TRADE { 4 } else { 5 };
                Some(Entry::Trade(u64::from(placed >> (PRICE_BITS + 1))))
            }
            9..=11 => {
                let &[placed, low, high, bests] = rest.first_chunk()?;
                self.at += 5;
                let size = u64::from(high) << 32 | u64::from(low);
                usual(kind - entry::WIDE, placed, size, bests, changes);
                Some(Entry::Changes)
            }
            entry::MANY => {
                let length = *rest.first()? as usize * CHANGE_WORDS;
                let (rows, _) = rest.get(1..=length)?.as_chunks::<CHANGE_WORDS>();
                changes.clear();
                changes.extend(rows.iter().map(|&[token, at, low, high, bests]| {
                    let size = u64::from(high) << 32 | u64::from(low);
                    change(u64::from(token), at, size, bests)
                }));
                self.at += 2 + length;
                Some(Entry::Changes)
            }
            _ => {
                let word = *rest.first()?;
                let entry = match kind {
                    entry::LINE => Entry::Line(word as usize),
                    entry::SKIP => Entry::Skip(u64::from(word)),
                    _ => return None,
                };
                self.at += 2;
                Some(entry)
            }
        }
    }
}

#[inline(always)]
fn usual(kind: u32, placed: u32, size: u64, bests: u32, changes: &mut Vec<Change>) {
    let token = u64::from(placed >> (PRICE_BITS + 1));
    let one = change(token, placed & ((1 << (PRICE_BITS + 1)) - 1), size, bests);
    changes.clear();
    changes.push(one);
    if kind != entry::ONE {
        let other = if kind == entry::UP {
            token + 1
        } else {
            token.wrapping_sub(1)
        };
        changes.push(mirrored(&one, other));
    }
}

#[inline(always)]
fn change(token: u64, placed: u32, size: u64, bests: u32) -> Change {
    let half = |half: u32| {
        if half == UNSAID_HALF {
            UNSAID
        } else {
            half as i32
        }
    };
    Change {
        token,
        side: if placed >> PRICE_BITS & 1 == 0 {
            Side::Bid
        } else {
            Side::Ask
        },
        price: placed & ((1 << PRICE_BITS) - 1),
        size,
        bid: half(bests >> 16),
        ask: half(bests & 0xffff),
    }
}

use polaris_book::{Change, PRICE_MAX, UNSAID};

use crate::line::Trade;

/// What an entry of a tape is: the low four bits of its first word. `engine/book/tape.ts` has the same.
pub mod entry {
    /// Absolute time in µs, low word first: for what follows, and no input itself.
    pub const JUMP: u32 = 0;
    /// One level change.
    pub const ONE: u32 = 1;
    /// One, and its mirror image in the book of the next token.
    pub const UP: u32 = 2;
    /// One, and its mirror image in the book of the token before.
    pub const DOWN: u32 = 3;
    /// Any number of changes, `CHANGE_WORDS` each.
    pub const MANY: u32 = 4;
    /// A trade: as a change, but instead of best bid and ask the offset of its id among the lines.
    pub const TRADE: u32 = 5;
    /// Any other input, as the line at an offset of the lines.
    pub const LINE: u32 = 6;
    /// So many events that concern nobody.
    pub const SKIP: u32 = 7;
    /// Added to `ONE`, `UP`, `DOWN`, `TRADE`: the size takes two words, low word first, as it stands; else one, in `LOT`s.
    pub const WIDE: u32 = 8;
}

/// 1e-6 shares in the unit of sizes in one word: a hundredth of a share.
pub const LOT: u64 = 10_000;
/// Words of a change of `MANY`: token, side and price, size low and high, best bid and ask.
pub const CHANGE_WORDS: usize = 5;
/// Bits of the kind in an entry's first word; above them stand the µs since the entry before.
pub(crate) const KIND_BITS: u32 = 4;
const LAG_MAX: u64 = (1 << (32 - KIND_BITS)) - 1;
/// Tokens above take the form of `MANY`.
const TOKEN_MAX: u64 = (1 << 17) - 1;
/// Bits of a price beside a side.
pub(crate) const PRICE_BITS: u32 = 14;
/// In sixteen bits, for a best that the venue did not state.
pub(crate) const UNSAID_HALF: u32 = 0xffff;

/// Inputs of a run, decoded: what a fold takes from them as words, the rest as lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tape {
    /// The entries.
    pub words: Vec<u32>,
    /// Lines and ids of trades that entries point at, each with its newline.
    pub lines: Vec<u8>,
    /// Time of the last entry, in µs.
    pub t_us: u64,
    /// Inputs on it.
    pub inputs: u64,
}

impl Tape {
    /// Empties it; the first entry that follows says its time in full.
    pub fn restart(&mut self) {
        self.words.clear();
        self.lines.clear();
        self.t_us = 0;
        self.inputs = 0;
    }

    /// Adds level changes of one event. False where they have no form here.
    pub fn changes(&mut self, changes: &[Change], t_us: u64) -> bool {
        match changes {
            [one] if one.token <= TOKEN_MAX => self.usual(entry::ONE, one, t_us),
            [one, other] if is_mirror(one, other) && one.token.max(other.token) <= TOKEN_MAX => {
                let up = other.token > one.token;
                self.usual(if up { entry::UP } else { entry::DOWN }, one, t_us);
            }
            _ => {
                if changes
                    .iter()
                    .any(|change| change.token > u64::from(u32::MAX))
                {
                    return false;
                }
                self.begin(entry::MANY, t_us);
                self.words.push(changes.len() as u32);
                for change in changes {
                    self.words.extend([
                        change.token as u32,
                        placed(change),
                        change.size as u32,
                        (change.size >> 32) as u32,
                        bests(change),
                    ]);
                }
            }
        }
        self.inputs += 1;
        true
    }

    /// Adds a trade with its id. False where it has no form here.
    pub fn trade(&mut self, trade: &Trade, id: &[u8], t_us: u64) -> bool {
        if trade.token > TOKEN_MAX {
            return false;
        }
        let placed = trade.side << PRICE_BITS | trade.price;
        let at = self.lines.len() as u32;
        self.placed(entry::TRADE, (trade.token, placed, trade.size), at, t_us);
        self.lines.extend_from_slice(id);
        self.lines.push(b'\n');
        self.inputs += 1;
        true
    }

    /// Adds another input as its line, newline included.
    pub fn line(&mut self, line: &[u8], t_us: u64) {
        let at = self.lines.len() as u32; // a block or chunk is far below 4 GiB
        self.mark(entry::LINE, at, t_us);
        self.lines.extend_from_slice(line);
        self.inputs += 1;
    }

    /// Adds an entry of one word behind its first.
    pub fn mark(&mut self, kind: u32, word: u32, t_us: u64) {
        self.begin(kind, t_us);
        self.words.push(word);
    }

    #[inline]
    fn usual(&mut self, kind: u32, change: &Change, t_us: u64) {
        let of = (change.token, placed(change), change.size);
        self.placed(kind, of, bests(change), t_us);
    }

    #[inline]
    fn placed(&mut self, kind: u32, (token, placed, size): (u64, u32, u64), last: u32, t_us: u64) {
        let lots = size / LOT;
        let is_wide = lots * LOT != size || lots > u64::from(u32::MAX);
        self.begin(if is_wide { kind | entry::WIDE } else { kind }, t_us);
        let placed = (token as u32) << (PRICE_BITS + 1) | placed;
        if is_wide {
            self.words
                .extend([placed, size as u32, (size >> 32) as u32, last]);
        } else {
            self.words.extend([placed, lots as u32, last]);
        }
    }

    /// The first word of an entry, behind a jump where the time does not fit. Time never goes back.
    #[inline]
    fn begin(&mut self, kind: u32, t_us: u64) {
        let t_us = t_us.max(self.t_us);
        let mut lag = t_us - self.t_us;
        if lag > LAG_MAX || self.words.is_empty() {
            self.words
                .extend([entry::JUMP, t_us as u32, (t_us >> 32) as u32]);
            lag = 0;
        }
        self.t_us = t_us;
        self.words.push((lag as u32) << KIND_BITS | kind);
    }
}

/// Whether the second change says of the other outcome's book what the first says of the one.
fn is_mirror(one: &Change, other: &Change) -> bool {
    one.token.abs_diff(other.token) == 1 && mirrored(one, other.token) == *other
}

/// The same liquidity as the book of the other outcome shows it.
#[inline]
pub(crate) fn mirrored(change: &Change, token: u64) -> Change {
    let flip = |best: i32| {
        if best == UNSAID {
            UNSAID
        } else {
            PRICE_MAX as i32 - best
        }
    };
    Change {
        token,
        side: change.side.other(),
        price: PRICE_MAX - change.price,
        size: change.size,
        bid: flip(change.ask),
        ask: flip(change.bid),
    }
}

#[inline]
fn placed(change: &Change) -> u32 {
    (change.side as u32) << PRICE_BITS | change.price
}

#[inline]
fn bests(change: &Change) -> u32 {
    (change.bid as u32 & 0xffff) << 16 | change.ask as u32 & 0xffff
}

use std::collections::HashMap;

use crate::request::{Level, Snapshot, Units};

/// One side of a token's book, from which the intents of one request take in turn.
struct PaperSide {
    /// The touch that the snapshot states; what is left decides once something was taken.
    stated: Option<Units>,
    levels: Vec<Level>,
    /// Levels before this one are gone.
    first: usize,
    is_taken: bool,
}

/// A token's book while intents take from it.
pub struct Book {
    bids: PaperSide,
    asks: PaperSide,
    pub min_size: Units,
    pub tick: Units,
}

/// The books of one request. What an intent takes is gone for those after it.
pub struct PaperBooks<'v> {
    books: HashMap<&'v [u8], Book>,
}

/// What an intent could take: per level price and size, best first.
pub type Take = Vec<(Units, Units)>;

impl<'v> PaperBooks<'v> {
    pub fn new(snapshots: Vec<Snapshot<'v>>) -> Self {
        let books = snapshots.into_iter().map(|of| {
            let book = Book {
                bids: PaperSide::new(of.bids, of.best_bid),
                asks: PaperSide::new(of.asks, of.best_ask),
                min_size: of.min_size,
                tick: of.tick,
            };
            (of.token, book)
        });
        Self {
            books: books.collect(),
        }
    }

    pub fn book(&mut self, token: &[u8]) -> Option<&mut Book> {
        self.books.get_mut(token)
    }
}

impl Book {
    pub fn bid(&self) -> Option<Units> {
        self.bids.touch()
    }

    pub fn ask(&self) -> Option<Units> {
        self.asks.touch()
    }

    /// Up to `size` from the levels within the limit.
    pub fn within(&self, is_buy: bool, limit: Units, size: Units) -> Take {
        let mut found = Take::new();
        let mut wanted = size;
        for level in self.facing(is_buy).left() {
            let is_behind = if is_buy {
                level.price > limit
            } else {
                level.price < limit
            };
            if wanted == 0.0 || is_behind {
                break;
            }
            let part = wanted.min(level.size);
            found.push((level.price, part));
            wanted -= part;
        }
        found
    }

    /// Takes what `within` found just before.
    pub fn take(&mut self, is_buy: bool, found: &Take) {
        let shelf = if is_buy {
            &mut self.asks
        } else {
            &mut self.bids
        };
        shelf.is_taken |= !found.is_empty();
        for &(_, size) in found {
            if let Some(level) = shelf.levels.get_mut(shelf.first) {
                if level.size == size {
                    shelf.first += 1;
                } else {
                    level.size -= size;
                }
            }
        }
    }

    fn facing(&self, is_buy: bool) -> &PaperSide {
        if is_buy { &self.asks } else { &self.bids }
    }
}

impl PaperSide {
    fn new(levels: Vec<Level>, stated: Option<Units>) -> Self {
        Self {
            stated,
            levels,
            first: 0,
            is_taken: false,
        }
    }

    fn left(&self) -> &[Level] {
        &self.levels[self.first..]
    }

    fn touch(&self) -> Option<Units> {
        let left = self.left().first().map(|level| level.price);
        if self.is_taken {
            left
        } else {
            self.stated.or(left)
        }
    }
}

use std::collections::BTreeMap;

use crate::book::{Book, SavedBook, trust};
use crate::rules::{compare, cross, fold_doubted};
use crate::trigger::Triggers;
use crate::types::{Change, Fault, Stats, Touched, UNSAID};

/// Tokens below this are found by index; ids are small by contract, and a large one must not cost memory.
const DENSE_MAX: u64 = 1 << 20;

/// Folds feed inputs into books, as `tsFold` does.
#[derive(Clone, Debug, Default)]
pub struct Fold {
    pub(crate) books: Vec<Book>,
    /// Place in `books` plus one by token; 0 for none.
    dense: Vec<u32>,
    sparse: BTreeMap<u64, u32>,
    stats: Stats,
    pub(crate) triggers: Triggers,
}

impl Fold {
    /// What it has seen so far.
    pub fn stats(&self) -> &Stats {
        &self.stats
    }

    /// A token's book; `None` where it was never listed.
    pub fn book(&self, token: u64) -> Option<&Book> {
        self.place(token).map(|place| &self.books[place])
    }

    /// Introduces a token; one that is listed stays as it is.
    ///
    /// # Errors
    /// `NotATick` when `tick` does not divide the price range.
    pub fn list(&mut self, token: u64, tick: u32) -> Result<(), Fault> {
        if self.place(token).is_some() {
            return Ok(());
        }
        self.books.push(Book::new(token, tick)?);
        let place = self.books.len() as u32;
        if token < DENSE_MAX {
            let needed = token as usize + 1;
            if self.dense.len() < needed {
                self.dense.resize(needed, 0);
            }
            self.dense[token as usize] = place;
        } else {
            self.sparse.insert(token, place);
        }
        Ok(())
    }

    /// Folds the level changes of one frame, in order.
    ///
    /// # Errors
    /// `Unlisted`; what stands before it in the frame is folded then.
    pub fn change(
        &mut self,
        changes: &[Change],
        t_us: f64,
        touched: &mut Touched,
    ) -> Result<(), Fault> {
        let mut agreed = 0;
        let mut doubted = 0;
        for run in changes.chunk_by(|a, b| a.token == b.token) {
            let place = self.listed(run[0].token)?;
            let book = &mut self.books[place];
            touch(touched, book);
            book.updated_us = t_us;
            if book.interest.is_in_changes() {
                let is_wanted = |one: &Change| book.interest.is_in_level(one.side, one.price);
                touched.is_wanted |= run.iter().any(is_wanted);
            }
            for change in run {
                if book.distrust != 0 {
                    doubted += 1;
                    fold_doubted(book, change, &mut self.stats, touched);
                    continue;
                }
                // No reason against the book: it is warm, counts no changes any more, and is not crossed.
                let &Change {
                    side,
                    price,
                    size,
                    bid,
                    ask,
                    ..
                } = change;
                if book.side_mut(side).set(price, size) && size > 0 {
                    cross(book, side, price, &mut self.stats);
                }
                if bid == book.best_bid() as i32 && ask == book.best_ask() as i32 {
                    agreed += 1;
                } else if bid != UNSAID {
                    compare(book, (bid, ask), &mut self.stats, touched);
                }
            }
        }
        self.stats.changes += changes.len() as u64 - doubted;
        self.stats.checks += agreed;
        self.stats.agree_before += agreed;
        self.stats.agree_after += agreed;
        Ok(())
    }

    /// Replaces a book by what the venue states, price and size of each level; a new epoch of trust.
    ///
    /// # Errors
    /// `Unlisted`.
    pub fn snapshot(
        &mut self,
        token: u64,
        sides: [&[(u32, u64)]; 2],
        t_us: f64,
        touched: &mut Touched,
    ) -> Result<(), Fault> {
        let place = self.listed(token)?;
        let book = &mut self.books[place];
        touch(touched, book);
        touched.is_wanted |= book.interest.is_in_changes();
        for (ladder, levels) in book.sides.iter_mut().zip(sides) {
            ladder.clear();
            for &(price, size) in levels {
                ladder.set(price, size);
            }
        }
        book.updated_us = t_us;
        book.had_snapshot = true;
        book.distrust = if book.is_crossed() { trust::CROSSED } else { 0 };
        if book.distrust != 0 {
            self.stats.crossed += 1;
        }
        Ok(())
    }

    /// A new grid: the book is dropped, and deltas are ignored until a snapshot.
    ///
    /// # Errors
    /// `Unlisted`, or `NotATick` when `tick` does not divide the price range.
    pub fn regrid(&mut self, token: u64, tick: u32, touched: &mut Touched) -> Result<(), Fault> {
        let place = self.listed(token)?;
        let book = &mut self.books[place];
        book.regrid(tick)?;
        touch(touched, book);
        book.distrust |= trust::TICK_EPOCH;
        Ok(())
    }

    /// Sets one reason against a token.
    ///
    /// # Errors
    /// `Unlisted`.
    pub fn distrust(&mut self, token: u64, bit: u32, touched: &mut Touched) -> Result<(), Fault> {
        let place = self.listed(token)?;
        let book = &mut self.books[place];
        touch(touched, book);
        book.distrust |= bit;
        Ok(())
    }

    /// Takes one reason against a token back.
    ///
    /// # Errors
    /// `Unlisted`.
    pub fn restore_trust(
        &mut self,
        token: u64,
        bit: u32,
        touched: &mut Touched,
    ) -> Result<(), Fault> {
        let place = self.listed(token)?;
        let book = &mut self.books[place];
        touch(touched, book);
        book.distrust &= !bit;
        Ok(())
    }

    /// Sets one reason against every token, by rising token.
    pub fn distrust_all(&mut self, bit: u32, touched: &mut Touched) {
        for place in self.by_token() {
            let book = &mut self.books[place];
            touch(touched, book);
            book.distrust |= bit;
        }
    }

    /// Every book, by rising token.
    pub fn save(&self) -> Vec<SavedBook> {
        self.by_token()
            .into_iter()
            .map(|place| self.books[place].save())
            .collect()
    }

    /// Takes up a checkpoint, before anything is folded.
    ///
    /// # Errors
    /// `NotATick` when a grid of it does not divide the price range.
    pub fn load(&mut self, stats: Stats, books: &[SavedBook]) -> Result<(), Fault> {
        self.stats = stats;
        for saved in books {
            self.list(saved.token, saved.sides[1].0)?;
            let place = self.listed(saved.token)?;
            self.books[place].load(saved)?;
        }
        Ok(())
    }

    #[inline]
    pub(crate) fn place(&self, token: u64) -> Option<usize> {
        let place = match self.dense.get(token as usize) {
            Some(&place) => place,
            None => self.sparse.get(&token).copied().unwrap_or(0),
        };
        (place as usize).checked_sub(1)
    }

    #[inline]
    pub(crate) fn listed(&self, token: u64) -> Result<usize, Fault> {
        self.place(token).ok_or(Fault::Unlisted(token))
    }

    fn by_token(&self) -> Vec<usize> {
        let places = self.dense.iter().chain(self.sparse.values());
        places
            .filter_map(|&place| (place as usize).checked_sub(1))
            .collect()
    }
}

#[inline]
fn touch(touched: &mut Touched, book: &mut Book) {
    if book.mark == touched.mark {
        return;
    }
    book.mark = touched.mark;
    book.before = book.distrust;
    touched.tokens.push(book.token);
}

use crate::book::Book;
use crate::fold::Fold;
use crate::interest::Interest;
use crate::types::{Fault, Touched};
use crate::watch::Test;

/// What somebody has to look at: watches, interests, notices, and trust that moved.
impl Fold {
    /// Watches a group of tokens from here on, instead of what had this number.
    ///
    /// # Errors
    /// `Unlisted`; then nothing is watched under this number.
    pub fn watch(&mut self, id: u32, of: (Test, i64), tokens: &[u64]) -> Result<(), Fault> {
        self.watches.drop(&mut self.books, id);
        let places: Result<Vec<usize>, Fault> =
            tokens.iter().map(|&token| self.listed(token)).collect();
        self.watches.set(&mut self.books, id, of, places?);
        Ok(())
    }

    /// Watches a group no more.
    pub fn unwatch(&mut self, id: u32) {
        self.watches.drop(&mut self.books, id);
    }

    /// What walks stop at of a token from here on, instead of what was said before.
    ///
    /// # Errors
    /// `Unlisted`.
    pub fn set_interest(&mut self, token: u64, interest: Interest) -> Result<(), Fault> {
        let place = self.listed(token)?;
        self.books[place].interest = interest;
        Ok(())
    }

    /// Whether somebody has to see a trade of a token.
    #[inline]
    pub fn is_trade_wanted(&self, token: u64) -> bool {
        self.book(token)
            .is_some_and(|book| book.interest.is_in_trades())
    }

    /// After a batch: which watches of what it touched fire, or have just ceased to.
    #[inline]
    pub fn look(&mut self, touched: &mut Touched) {
        if self.watches.is_empty() {
            return;
        }
        for &token in &touched.tokens {
            if let Some(place) = self.place(token) {
                self.watches.settle(&mut self.books[place]);
            }
        }
        for &token in &touched.tokens {
            if let Some(place) = self.place(token) {
                self.watches
                    .look(&self.books[place], touched.mark, &mut touched.fired);
            }
        }
        self.watches.looked(&touched.fired);
    }

    /// Looks after a batch, and answers whether it gave anybody anything to do: a notice, a watch, something of interest, or
    /// trust that moved.
    #[inline]
    pub fn is_actionable(&mut self, touched: &mut Touched) -> bool {
        self.look(touched);
        let is_told = !touched.notices.is_empty() || !touched.fired.is_empty();
        is_told || touched.is_wanted || self.is_trust_moved(touched)
    }

    /// Whether trust in a book that the batch touched is other than before it.
    #[inline]
    pub fn is_trust_moved(&self, touched: &Touched) -> bool {
        let moved = |book: &Book| book.distrust != book.before;
        touched
            .tokens
            .iter()
            .any(|&token| self.book(token).is_some_and(moved))
    }
}

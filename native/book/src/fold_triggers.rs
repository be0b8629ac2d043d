use crate::book::Book;
use crate::fold::Fold;
use crate::interest::Interest;
use crate::trigger::Test;
use crate::types::{Fault, Touched};

/// When an engine has to look: triggers that fire, interests, notices, and trust that moved.
impl Fold {
    /// Sets a trigger on a group of tokens, in place of the one that had this id.
    ///
    /// # Errors
    /// `Unlisted`; then no trigger has this id.
    pub fn set_trigger(&mut self, id: u32, of: (Test, i64), tokens: &[u64]) -> Result<(), Fault> {
        self.triggers.drop(&mut self.books, id);
        let places: Result<Vec<usize>, Fault> =
            tokens.iter().map(|&token| self.listed(token)).collect();
        self.triggers.set(&mut self.books, id, of, places?);
        Ok(())
    }

    /// Takes a trigger away.
    pub fn drop_trigger(&mut self, id: u32) {
        self.triggers.drop(&mut self.books, id);
    }

    /// Which inputs about a token walks stop at from here on, in place of what was said before.
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

    /// After a batch: reports the triggers of what it touched that fire, or that fired until now.
    #[inline]
    pub fn evaluate(&mut self, touched: &mut Touched) {
        if self.triggers.is_empty() {
            return;
        }
        for &token in &touched.tokens {
            if let Some(place) = self.place(token) {
                self.triggers.settle(&mut self.books[place]);
            }
        }
        for &token in &touched.tokens {
            if let Some(place) = self.place(token) {
                self.triggers
                    .report(&self.books[place], touched.mark, &mut touched.fired);
            }
        }
        self.triggers.reported(&touched.fired);
    }

    /// Evaluates the triggers after a batch, and answers whether the engine has to look at it: a trigger is reported, something
    /// of interest was said, the venue disagrees, or trust in a book moved.
    #[inline]
    pub fn is_actionable(&mut self, touched: &mut Touched) -> bool {
        self.evaluate(touched);
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

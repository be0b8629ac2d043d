use crate::book::Book;

/// What a trigger tests, over the best prices of its tokens: `TESTS` in `engine/book/trigger.ts`, by its place there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Test {
    /// Nothing: it fires whenever one of its tokens is touched.
    Touched = 0,
    /// The sum of the best asks: it fires at or below the limit.
    Asks = 1,
    /// The sum of the best bids: it fires at or above the limit.
    Bids = 2,
    /// The sum of ask minus bid: it fires at or above the limit.
    Spread = 3,
}

impl Test {
    /// Weights of a token's best ask and best bid in the sum.
    const fn weights(self) -> (i64, i64) {
        match self {
            Self::Touched => (0, 0),
            Self::Asks => (1, 0),
            Self::Bids => (0, -1),
            Self::Spread => (-1, 1),
        }
    }

    /// The limit with the sign of the weights: every test is `sum <= most`.
    const fn most(self, limit: i64) -> i64 {
        match self {
            Self::Touched => 0,
            Self::Asks => limit,
            Self::Bids | Self::Spread => -limit,
        }
    }
}

/// A trigger that is set, with its sum as of the last settled best prices of its books.
#[derive(Clone, Debug)]
struct Trigger {
    test: Test,
    sum: i64,
    most: i64,
    /// Whether it fired at the last evaluation; true at first, so that a fresh trigger is reported once in any case.
    was_firing: bool,
    /// The batch that it was last reported in: once a batch is enough.
    mark: f64,
    /// Places of its books in the fold.
    places: Vec<usize>,
}

/// The triggers of a fold. Sums follow the best prices of touched books, so that evaluating one never walks its tokens.
#[derive(Clone, Debug, Default)]
pub(crate) struct Triggers {
    by_id: Vec<Option<Trigger>>,
    count: usize,
}

impl Triggers {
    /// Whether no trigger is set.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Sets a trigger in place of the one that had this id.
    pub(crate) fn set(
        &mut self,
        books: &mut [Book],
        id: u32,
        (test, limit): (Test, i64),
        places: Vec<usize>,
    ) {
        self.drop(books, id);
        let mut sum = 0;
        for &place in &places {
            let book = &mut books[place];
            self.settle(book);
            let (ask, bid) = test.weights();
            sum += ask * i64::from(book.best_ask()) + bid * i64::from(book.best_bid());
            book.triggers.push(id);
        }
        let needed = id as usize + 1;
        if self.by_id.len() < needed {
            self.by_id.resize(needed, None);
        }
        self.by_id[id as usize] = Some(Trigger {
            test,
            sum,
            most: test.most(limit),
            was_firing: true,
            mark: 0.0,
            places,
        });
        self.count += 1;
    }

    /// Takes a trigger away; nothing where none has this id.
    pub(crate) fn drop(&mut self, books: &mut [Book], id: u32) {
        let Some(trigger) = self.by_id.get_mut(id as usize).and_then(Option::take) else {
            return;
        };
        for place in trigger.places {
            books[place].triggers.retain(|&other| other != id);
        }
        self.count -= 1;
    }

    /// Adds to `fired` each trigger of a touched book that fires, or that fired until now. All touched books are settled before.
    #[inline]
    pub(crate) fn report(&mut self, book: &Book, mark: f64, fired: &mut Vec<u32>) {
        for &id in &book.triggers {
            if let Some(trigger) = self.by_id[id as usize].as_mut()
                && trigger.mark != mark
                && (trigger.sum <= trigger.most || trigger.was_firing)
            {
                trigger.mark = mark;
                fired.push(id);
            }
        }
    }

    /// After all touched books were reported: what fires now is what fired last.
    pub(crate) fn reported(&mut self, fired: &[u32]) {
        for &id in fired {
            if let Some(trigger) = self.by_id[id as usize].as_mut() {
                trigger.was_firing = trigger.sum <= trigger.most;
            }
        }
    }

    /// Brings the sums of a book's triggers up to its best prices.
    #[inline]
    pub(crate) fn settle(&mut self, book: &mut Book) {
        let (ask, bid) = (book.best_ask(), book.best_bid());
        let (old_ask, old_bid) = book.summed;
        if (ask, bid) == (old_ask, old_bid) {
            return;
        }
        book.summed = (ask, bid);
        let by_ask = i64::from(ask) - i64::from(old_ask);
        let by_bid = i64::from(bid) - i64::from(old_bid);
        for &id in &book.triggers {
            if let Some(trigger) = self.by_id[id as usize].as_mut() {
                let (ask, bid) = trigger.test.weights();
                trigger.sum += ask * by_ask + bid * by_bid;
            }
        }
    }
}

use crate::book::Book;

/// What a watch adds up over its tokens, as the weights of their best ask and best bid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Test {
    /// Nothing: it fires whenever one of them is touched.
    Touched = 0,
    /// Best asks: fires where they add up to at most the limit.
    Asks = 1,
    /// Best bids: fires where they add up to at least the limit.
    Bids = 2,
    /// Ask above bid: fires where these add up to at least the limit.
    Spread = 3,
}

impl Test {
    const fn weights(self) -> (i64, i64) {
        match self {
            Self::Touched => (0, 0),
            Self::Asks => (1, 0),
            Self::Bids => (0, -1),
            Self::Spread => (-1, 1),
        }
    }

    /// The limit on the weighted sum.
    const fn most(self, limit: i64) -> i64 {
        match self {
            Self::Touched => 0,
            Self::Asks => limit,
            Self::Bids | Self::Spread => -limit,
        }
    }
}

#[derive(Clone, Debug)]
struct Watch {
    test: Test,
    sum: i64,
    most: i64,
    /// As of the last look; true at first, so that the first look after a change of watches is told.
    was_firing: bool,
    mark: f64,
    places: Vec<usize>,
}

/// Groups of tokens with a cheap test on their best prices, so that nobody has to look at books of which it says no.
#[derive(Clone, Debug, Default)]
pub(crate) struct Watches {
    by_id: Vec<Option<Watch>>,
    count: usize,
}

impl Watches {
    /// Whether there is none.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.count == 0
    }

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
            book.watches.push(id);
        }
        let needed = id as usize + 1;
        if self.by_id.len() < needed {
            self.by_id.resize(needed, None);
        }
        self.by_id[id as usize] = Some(Watch {
            test,
            sum,
            most: test.most(limit),
            was_firing: true,
            mark: 0.0,
            places,
        });
        self.count += 1;
    }

    pub(crate) fn drop(&mut self, books: &mut [Book], id: u32) {
        let Some(watch) = self.by_id.get_mut(id as usize).and_then(Option::take) else {
            return;
        };
        for place in watch.places {
            books[place].watches.retain(|&other| other != id);
        }
        self.count -= 1;
    }

    /// Adds to `fired` each watch of a touched book that fires, or has just ceased to. All that were touched are settled.
    #[inline]
    pub(crate) fn look(&mut self, book: &Book, mark: f64, fired: &mut Vec<u32>) {
        for &id in &book.watches {
            if let Some(watch) = self.by_id[id as usize].as_mut()
                && watch.mark != mark
                && (watch.sum <= watch.most || watch.was_firing)
            {
                watch.mark = mark;
                fired.push(id);
            }
        }
    }

    /// Once all touched books were looked at: what fires now is what fired last.
    pub(crate) fn looked(&mut self, fired: &[u32]) {
        for &id in fired {
            if let Some(watch) = self.by_id[id as usize].as_mut() {
                watch.was_firing = watch.sum <= watch.most;
            }
        }
    }

    /// Brings the sums of a book's watches up to its best prices.
    #[inline]
    pub(crate) fn settle(&mut self, book: &mut Book) {
        let (ask, bid) = (book.best_ask(), book.best_bid());
        let (seen_ask, seen_bid) = book.seen;
        if (ask, bid) == (seen_ask, seen_bid) {
            return;
        }
        book.seen = (ask, bid);
        let by_ask = i64::from(ask) - i64::from(seen_ask);
        let by_bid = i64::from(bid) - i64::from(seen_bid);
        for &id in &book.watches {
            if let Some(watch) = self.by_id[id as usize].as_mut() {
                let (ask, bid) = watch.test.weights();
                watch.sum += ask * by_ask + bid * by_bid;
            }
        }
    }
}

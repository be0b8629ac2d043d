/// The highest price: $1.0000.
pub const PRICE_MAX: u32 = 10_000;

/// Stands for a best price that the venue did not state with its change.
pub const UNSAID: i32 = -1;

/// Which side of a book.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Side {
    /// The buyers: the highest price is the best.
    Bid = 0,
    /// The sellers: the lowest price is the best.
    Ask = 1,
}

impl Side {
    /// The other side.
    pub const fn other(self) -> Self {
        match self {
            Self::Bid => Self::Ask,
            Self::Ask => Self::Bid,
        }
    }
}

/// One level change of a frame. `size` is the new total at `price`, 0 removes the level; `bid` and `ask` are the venue's
/// own best after it, both `UNSAID` where it states none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// Whose book.
    pub token: u64,
    /// Which side of it.
    pub side: Side,
    /// 0 to `PRICE_MAX`.
    pub price: u32,
    /// At most 2^53 − 1 in anything that this program writes.
    pub size: u64,
    /// The venue's best bid; 0 for none.
    pub bid: i32,
    /// The venue's best ask; 10,000 for none.
    pub ask: i32,
}

/// What a fold has seen, over all its books: `BookStats` in `engine/book/fold.ts`, field by field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Level changes folded.
    pub changes: u64,
    /// Changes that carry the venue's own best, after the warm-up of a book without a snapshot.
    pub checks: u64,
    /// Of these: our best equalled it with no help from that change's own best.
    pub agree_before: u64,
    /// Of these: it equalled it after levels better than it were pruned.
    pub agree_after: u64,
    /// Levels removed because a level that crosses removes what it crosses.
    pub repaired: u64,
    /// Levels removed because they were better than the venue's own best.
    pub pruned: u64,
    /// Changes after which a book stayed crossed.
    pub crossed: u64,
}

/// A disagreement with the venue's best.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Whose book.
    pub token: u64,
    /// Our best bid before pruning.
    pub bid: u32,
    /// Our best ask before pruning.
    pub ask: u32,
    /// The venue's best bid.
    pub venue_bid: i32,
    /// The venue's best ask.
    pub venue_ask: i32,
    /// Levels pruned.
    pub pruned: u64,
    /// Whether it agrees now.
    pub agrees: bool,
}

/// What a batch did; owned by the caller, who empties it.
#[derive(Debug, Default)]
pub struct Touched {
    /// Names the batch: a book that carries it already stands in `tokens`. A number of the caller's.
    pub mark: f64,
    /// Distinct tokens that changed, in order of first change.
    pub tokens: Vec<u64>,
    /// Disagreements with the venue's best.
    pub notices: Vec<Notice>,
    /// Triggers that fire, or that fired until now.
    pub fired: Vec<u32>,
    /// Whether somebody has to see it: see `Interest`.
    pub is_wanted: bool,
}

impl Touched {
    /// Empties it for the next batch.
    #[inline]
    pub fn restart(&mut self, mark: f64) {
        self.mark = mark;
        self.tokens.clear();
        self.notices.clear();
        self.fired.clear();
        self.is_wanted = false;
    }
}

/// Why the fold cannot go on: a bug of whoever wrote its inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A token was changed before it was listed.
    Unlisted(u64),
    /// A price step that does not divide `PRICE_MAX`.
    NotATick(u32),
}

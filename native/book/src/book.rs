use crate::interest::Interest;
use crate::ladder::Ladder;
use crate::types::{Fault, PRICE_MAX, Side};

/// Reasons against trading a book, as bits; a book is tradable when none is set. `TRUST_BITS` in `engine/book/book.ts`.
pub mod trust {
    /// It was never whole.
    pub const NO_SNAPSHOT: u32 = 1;
    /// Its feed is gone.
    pub const FEED_LOST: u32 = 2;
    /// Its grid changed; deltas are ignored.
    pub const TICK_EPOCH: u32 = 4;
    /// A snapshot was crossed.
    pub const CROSSED: u32 = 8;
    /// The venue's best is not ours.
    pub const SUSPECT: u32 = 16;
    /// The venue's hash is not ours.
    pub const HASH_DIFFERS: u32 = 32;
    /// A level does not fit our units, or a message was refused.
    pub const INCOMPLETE: u32 = 64;
}

/// Changes after which a book that never had a snapshot counts as filled, provided that its best agrees.
const WARM_UP_CHANGES: u64 = 200;

/// A book in a checkpoint: a side is its tick, then price and size of each level, best first.
#[derive(Clone, Debug, PartialEq)]
pub struct SavedBook {
    /// Whose book.
    pub token: u64,
    /// As `Book::updated_us`.
    pub updated_us: f64,
    /// As `Book::distrust`.
    pub distrust: u32,
    /// As `Book::changes`.
    pub changes: u64,
    /// As `Book::had_snapshot`.
    pub had_snapshot: bool,
    /// Tick and levels of both sides.
    pub sides: [(u32, Vec<(u32, u64)>); 2],
}

/// One token's book: two ladders and what stands against trading it.
#[derive(Clone, Debug)]
pub struct Book {
    /// Whose it is.
    pub token: u64,
    pub(crate) sides: [Ladder; 2],
    /// When the venue last spoke of it, in µs; 0 for never. A number as the reference has it, so that none is rounded.
    pub updated_us: f64,
    /// Bits of `trust`.
    pub distrust: u32,
    /// Changes applied since it was listed, while it never had a snapshot.
    pub changes: u64,
    /// Whether it ever had a snapshot.
    pub had_snapshot: bool,
    /// Mark of the last batch that touched it.
    pub(crate) mark: f64,
    /// `distrust` before that batch.
    pub(crate) before: u32,
    /// What of it somebody has to see.
    pub(crate) interest: Interest,
    /// Ids of the triggers that it is part of.
    pub(crate) triggers: Vec<u32>,
    /// Its best ask and bid as the sums of these hold them.
    pub(crate) summed: (u32, u32),
}

impl Book {
    /// An empty book that waits for its snapshot.
    ///
    /// # Errors
    /// `NotATick` when `tick` does not divide the price range.
    pub fn new(token: u64, tick: u32) -> Result<Self, Fault> {
        Ok(Self {
            token,
            sides: [Ladder::new(Side::Bid, tick)?, Ladder::new(Side::Ask, tick)?],
            updated_us: 0.0,
            distrust: trust::NO_SNAPSHOT,
            changes: 0,
            had_snapshot: false,
            mark: 0.0,
            before: trust::NO_SNAPSHOT,
            interest: Interest::default(),
            triggers: Vec::new(),
            summed: (PRICE_MAX, 0),
        })
    }

    /// One of its sides.
    #[inline]
    pub fn side(&self, side: Side) -> &Ladder {
        &self.sides[side as usize]
    }

    #[inline]
    pub(crate) fn side_mut(&mut self, side: Side) -> &mut Ladder {
        &mut self.sides[side as usize]
    }

    /// 0 where there is no bid.
    #[inline]
    pub fn best_bid(&self) -> u32 {
        self.sides[0].best_price()
    }

    /// 10,000 where there is no ask.
    #[inline]
    pub fn best_ask(&self) -> u32 {
        self.sides[1].best_price()
    }

    /// Whether a bid stands at or above an ask.
    pub fn is_crossed(&self) -> bool {
        let [bids, asks] = &self.sides;
        !bids.is_empty() && !asks.is_empty() && bids.best_price() >= asks.best_price()
    }

    /// Whether the touch shows enough to be compared with what a venue says: an empty book is not evidence.
    pub fn is_warm(&self) -> bool {
        self.had_snapshot || self.changes > WARM_UP_CHANGES
    }

    /// The venue's own best is ours: nothing suspect any more, and a book that filled from changes alone is whole.
    pub(crate) fn agreed(&mut self) {
        self.distrust &= !trust::SUSPECT;
        if !self.had_snapshot {
            self.distrust &= !trust::NO_SNAPSHOT;
        }
    }

    /// Drops all levels and starts a new epoch on another grid.
    pub(crate) fn regrid(&mut self, tick: u32) -> Result<(), Fault> {
        self.sides.iter_mut().try_for_each(|side| side.regrid(tick))
    }

    pub(crate) fn save(&self) -> SavedBook {
        let side = |side: &Ladder| (side.tick(), side.levels().collect());
        SavedBook {
            token: self.token,
            updated_us: self.updated_us,
            distrust: self.distrust,
            changes: self.changes,
            had_snapshot: self.had_snapshot,
            sides: [side(&self.sides[0]), side(&self.sides[1])],
        }
    }

    pub(crate) fn load(&mut self, saved: &SavedBook) -> Result<(), Fault> {
        self.updated_us = saved.updated_us;
        self.distrust = saved.distrust;
        self.changes = saved.changes;
        self.had_snapshot = saved.had_snapshot;
        for (side, (tick, levels)) in self.sides.iter_mut().zip(&saved.sides) {
            side.regrid(*tick)?;
            for &(price, size) in levels {
                side.set(price, size);
            }
        }
        Ok(())
    }
}

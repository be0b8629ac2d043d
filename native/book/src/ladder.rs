use crate::types::{Fault, PRICE_MAX, Side};

/// Price steps that a grid may take when it becomes finer, coarse to fine.
pub const TICKS: [u32; 6] = [1_000, 100, 50, 25, 10, 1];

/// Binary digits behind the point of 1 / tick: enough that every price on the grid gives its index without a division.
const SHIFT: u32 = 17;

/// One side of a book on a fixed price grid: an array of sizes and a two-level bitset over it, so that setting a level
/// and finding the next best are both a handful of instructions.
#[derive(Clone, Debug)]
pub struct Ladder {
    side: Side,
    tick: u32,
    /// 2^`SHIFT` / tick, rounded up.
    per_tick: u32,
    best: Option<u32>,
    best_price: u32,
    sizes: Vec<u64>,
    words: Vec<u64>,
    summary: [u64; 3],
}

impl Ladder {
    /// An empty side on a grid.
    ///
    /// # Errors
    /// `NotATick` when `tick` does not divide `PRICE_MAX`.
    pub fn new(side: Side, tick: u32) -> Result<Self, Fault> {
        let mut ladder = Self {
            side,
            tick,
            per_tick: 0,
            best: None,
            best_price: 0,
            sizes: Vec::new(),
            words: Vec::new(),
            summary: [0; 3],
        };
        ladder.regrid(tick)?;
        Ok(ladder)
    }

    /// The price step.
    pub fn tick(&self) -> u32 {
        self.tick
    }

    /// Best price; 0 for a bid side and 10,000 for an ask side without levels.
    #[inline]
    pub fn best_price(&self) -> u32 {
        self.best_price
    }

    /// Whether there is no level.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.best.is_none()
    }

    /// Size at a price; 0 where there is no level.
    pub fn size_at(&self, price: u32) -> u64 {
        if price.is_multiple_of(self.tick) {
            self.sizes
                .get((price / self.tick) as usize)
                .copied()
                .unwrap_or(0)
        } else {
            0
        }
    }

    /// Sets the total size at a price; 0 removes the level. A price off the grid makes the grid finer. Answers whether
    /// it was at the best level or better, which is the only place where a change can move the best.
    ///
    /// # Panics
    /// Where `price` is above `PRICE_MAX`.
    #[inline]
    pub fn set(&mut self, price: u32, size: u64) -> bool {
        let index = (price * self.per_tick) >> SHIFT;
        if index * self.tick != price {
            return self.refine_and_set(price, size);
        }
        self.sizes[index as usize] = size;
        // Whether a change adds a level or removes one cannot be foreseen: the bit is computed, so that nothing is guessed.
        let at = (index >> 6) as usize;
        let before = self.words[at];
        let after = (before & !(1 << (index & 63))) | (u64::from(size > 0) << (index & 63));
        self.words[at] = after;
        if before == 0 || after == 0 {
            self.summarize(at, after);
        }
        // Which side it is cannot be foreseen either: a product costs less than a wrong guess.
        let is_worse = (price as i32 - self.best_price as i32) * self.direction() < 0;
        if is_worse {
            return false;
        }
        let best = if size > 0 {
            Some(index)
        } else {
            self.next(index)
        };
        self.set_best(best);
        true
    }

    /// Removes the best level; nothing where there is none.
    pub fn pop(&mut self) {
        if let Some(best) = self.best {
            self.set(best * self.tick, 0);
        }
    }

    /// Drops all levels.
    pub fn clear(&mut self) {
        let mut at = self.best;
        while let Some(index) = at {
            self.sizes[index as usize] = 0;
            at = self.next(index);
        }
        self.words.fill(0);
        self.summary = [0; 3];
        self.set_best(None);
    }

    /// Drops all levels and takes a new grid.
    ///
    /// # Errors
    /// `NotATick` when `tick` does not divide `PRICE_MAX`; then nothing has changed.
    pub fn regrid(&mut self, tick: u32) -> Result<(), Fault> {
        if tick == 0 || !PRICE_MAX.is_multiple_of(tick) {
            return Err(Fault::NotATick(tick));
        }
        let count = (PRICE_MAX / tick + 1) as usize;
        self.tick = tick;
        self.per_tick = (1u32 << SHIFT).div_ceil(tick);
        self.sizes = vec![0; count];
        self.words = vec![0; count.div_ceil(64)];
        self.summary = [0; 3];
        self.set_best(None);
        Ok(())
    }

    /// Price and size of each level, best first.
    pub fn levels(&self) -> impl Iterator<Item = (u32, u64)> + '_ {
        let mut at = self.best;
        std::iter::from_fn(move || {
            let index = at?;
            at = self.next(index);
            Some((index * self.tick, self.sizes[index as usize]))
        })
    }

    #[inline]
    fn next(&self, index: u32) -> Option<u32> {
        match self.side {
            Side::Bid => self.below(index),
            Side::Ask => self.above(index),
        }
    }

    /// 1 where the highest price is the best, −1 where the lowest is.
    #[inline]
    fn direction(&self) -> i32 {
        1 - 2 * self.side as i32
    }

    /// Whether a level of the other side at `price` reaches the best level here.
    #[inline]
    pub(crate) fn is_reached(&self, price: u32) -> bool {
        self.best.is_some() && (self.best_price as i32 - price as i32) * self.direction() >= 0
    }

    fn summarize(&mut self, word: usize, bits: u64) {
        let bit = 1 << (word & 63);
        if bits == 0 {
            self.summary[word >> 6] &= !bit;
        } else {
            self.summary[word >> 6] |= bit;
        }
    }

    #[inline]
    fn set_best(&mut self, index: Option<u32>) {
        self.best = index;
        self.best_price = match (index, self.side) {
            (Some(index), _) => index * self.tick,
            (None, Side::Bid) => 0,
            (None, Side::Ask) => PRICE_MAX,
        };
    }

    #[cold]
    fn refine_and_set(&mut self, price: u32, size: u64) -> bool {
        assert!(price <= PRICE_MAX, "Invariant: {price} is not a price");
        let tick = self.tick;
        let fits = |&&finer: &&u32| {
            finer < tick && tick.is_multiple_of(finer) && price.is_multiple_of(finer)
        };
        let finer = TICKS.iter().find(fits).copied().unwrap_or(1);
        let levels: Vec<(u32, u64)> = self.levels().collect();
        assert!(
            self.regrid(finer).is_ok(),
            "Invariant: {finer} divides every tick above it"
        );
        for (at, size) in levels {
            self.set(at, size);
        }
        self.set(price, size)
    }

    fn below(&self, index: u32) -> Option<u32> {
        let word = (index >> 6) as usize;
        let here = self.words[word] & low_bits(index & 63);
        if here != 0 {
            return Some(highest(word, here));
        }
        let mut group = word >> 6;
        let mut groups = self.summary[group] & low_bits((word & 63) as u32);
        while groups == 0 {
            group = group.checked_sub(1)?;
            groups = self.summary[group];
        }
        let word = highest(group, groups) as usize;
        Some(highest(word, self.words[word]))
    }

    fn above(&self, index: u32) -> Option<u32> {
        let word = (index >> 6) as usize;
        let here = self.words[word] & high_bits(index & 63);
        if here != 0 {
            return Some(lowest(word, here));
        }
        let mut group = word >> 6;
        let mut groups = self.summary[group] & high_bits((word & 63) as u32);
        while groups == 0 {
            group += 1;
            groups = *self.summary.get(group)?;
        }
        let word = lowest(group, groups) as usize;
        Some(lowest(word, self.words[word]))
    }
}

/// The bits below `bit`, which is at most 63.
fn low_bits(bit: u32) -> u64 {
    (1 << bit) - 1
}

/// The bits above `bit`, which is at most 63.
fn high_bits(bit: u32) -> u64 {
    u64::MAX.unbounded_shl(bit + 1)
}

/// Index of the highest bit of a word that has one.
fn highest(word: usize, bits: u64) -> u32 {
    ((word as u32) << 6) + 63 - bits.leading_zeros()
}

/// Index of the lowest bit of a word that has one.
fn lowest(word: usize, bits: u64) -> u32 {
    ((word as u32) << 6) + bits.trailing_zeros()
}

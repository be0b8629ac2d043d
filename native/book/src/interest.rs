use crate::types::Side;

/// Which inputs about one token an engine has to see even though no trigger fires: the twin of `engine/book/interest.ts`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Interest {
    /// Whether everything: each change of a level, each snapshot, each trade.
    pub is_whole: bool,
    /// Whether each trade.
    pub trades: bool,
    /// Levels of which each statement is, and each snapshot of their book: `level` of each.
    levels: Vec<u32>,
}

impl Interest {
    /// In everything, in trades, in some levels, or in none of these.
    pub fn new(is_whole: bool, trades: bool, levels: &[(Side, u32)]) -> Self {
        Self {
            is_whole,
            trades,
            levels: levels
                .iter()
                .map(|&(side, price)| level(side, price))
                .collect(),
        }
    }

    /// Whether it is in a level that was stated.
    #[inline]
    pub(crate) fn is_in_level(&self, side: Side, price: u32) -> bool {
        self.is_whole || !self.levels.is_empty() && self.levels.contains(&level(side, price))
    }

    /// Whether it is in changes of some level.
    #[inline]
    pub(crate) fn is_in_changes(&self) -> bool {
        self.is_whole || !self.levels.is_empty()
    }

    /// Whether it is in trades.
    #[inline]
    pub(crate) fn is_in_trades(&self) -> bool {
        self.is_whole || self.trades
    }
}

/// One number for a level of a book.
#[inline]
const fn level(side: Side, price: u32) -> u32 {
    (side as u32) << 16 | price
}

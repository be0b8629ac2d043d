use crate::frame_fault::{Expected, FrameFault, fault};
use crate::json::{Kind, Value};

/// The keys that mean something, by their place in `Fields`.
pub const KEYS: [&[u8]; 19] = [
    b"event_type",
    b"market",
    b"asset_id",
    b"timestamp",
    b"hash",
    b"price",
    b"size",
    b"side",
    b"best_bid",
    b"best_ask",
    b"price_changes",
    b"changes",
    b"bids",
    b"asks",
    b"buys",
    b"sells",
    b"old_tick_size",
    b"new_tick_size",
    b"transaction_hash",
];
pub const EVENT_TYPE: usize = 0;
pub const MARKET: usize = 1;
pub const ASSET: usize = 2;
pub const TIMESTAMP: usize = 3;
pub const HASH: usize = 4;
pub const PRICE: usize = 5;
pub const SIZE: usize = 6;
pub const SIDE: usize = 7;
pub const BEST_BID: usize = 8;
pub const BEST_ASK: usize = 9;
pub const PRICE_CHANGES: usize = 10;
pub const CHANGES: usize = 11;
pub const BIDS: usize = 12;
pub const ASKS: usize = 13;
pub const BUYS: usize = 14;
pub const SELLS: usize = 15;
pub const OLD_TICK: usize = 16;
pub const NEW_TICK: usize = 17;
pub const TRANSACTION: usize = 18;

/// The values of one object under its known keys.
pub struct Fields {
    pub at: usize,
    pub values: [Value; KEYS.len()],
}

pub type Found<T> = Result<T, FrameFault>;

impl Fields {
    pub fn has(&self, slot: usize) -> bool {
        self.values[slot].kind != Kind::Absent
    }

    /// A string that must be there.
    pub fn text(&self, slot: usize) -> Found<Value> {
        let value = self.values[slot];
        match value.kind {
            Kind::Text => Ok(value),
            Kind::Absent => fault(self.at, Expected::Field),
            _ => fault(value.start, Expected::Text),
        }
    }

    /// A string that may be absent or null.
    pub fn said(&self, slot: usize) -> Found<Option<Value>> {
        match self.values[slot].kind {
            Kind::Absent | Kind::Null => Ok(None),
            _ => self.text(slot).map(Some),
        }
    }

    pub fn list(&self, slot: usize) -> Found<Value> {
        let value = self.values[slot];
        match value.kind {
            Kind::List => Ok(value),
            Kind::Absent => fault(self.at, Expected::Field),
            _ => fault(value.start, Expected::List),
        }
    }
}

//! One book of each contender, told of the same changes.
use std::collections::BTreeMap;

use hftbacktest::depth::{L2MarketDepth, MarketDepth};
use nautilus_model::data::BookOrder;
use nautilus_model::enums::OrderSide;
use nautilus_model::orderbook::OrderBook as NautilusBook;
use nautilus_model::types::{Price, Quantity};
use orderbook_rs::{DefaultOrderBook, Id, Side as ObSide, TimeInForce};
use polaris_book::{Change, Ladder, Side};

const PRICE_MAX: u32 = 10_000;

/// One book of a contender.
pub trait Book {
    fn change(&mut self, change: &Change);
    fn best(&self) -> (u32, u32);
}

/// Our ladders alone, without trust and statistics.
pub struct Ladders(pub [Ladder; 2]);

impl Book for Ladders {
    #[inline]
    fn change(&mut self, change: &Change) {
        self.0[change.side as usize].set(change.price, change.size);
    }
    #[inline]
    fn best(&self) -> (u32, u32) {
        (self.0[0].best_price(), self.0[1].best_price())
    }
}

/// A tree of prices a side, as a first version has it.
#[derive(Default)]
pub struct Trees(pub [BTreeMap<u32, u64>; 2]);

impl Book for Trees {
    fn change(&mut self, change: &Change) {
        let side = &mut self.0[change.side as usize];
        if change.size > 0 {
            side.insert(change.price, change.size);
        } else {
            side.remove(&change.price);
        }
    }
    fn best(&self) -> (u32, u32) {
        let bid = self.0[0].last_key_value().map_or(0, |(&price, _)| price);
        let ask = self.0[1]
            .first_key_value()
            .map_or(PRICE_MAX, |(&price, _)| price);
        (bid, ask)
    }
}

/// A depth of hftbacktest: prices in dollars, sizes in shares, both as floats.
pub struct Hft<D>(pub D);

impl<D: MarketDepth + L2MarketDepth> Book for Hft<D> {
    #[inline]
    fn change(&mut self, change: &Change) {
        let price = f64::from(change.price) / 10_000.0;
        let size = change.size as f64 / 1_000_000.0;
        match change.side {
            Side::Bid => self.0.update_bid_depth(price, size, 0),
            Side::Ask => self.0.update_ask_depth(price, size, 0),
        };
    }
    #[inline]
    fn best(&self) -> (u32, u32) {
        let price = |best: f64, none: u32| {
            if best.is_nan() {
                none
            } else {
                (best * 10_000.0).round() as u32
            }
        };
        (
            price(self.0.best_bid(), 0),
            price(self.0.best_ask(), PRICE_MAX),
        )
    }
}

/// Nautilus' book by level: an order per price, whose id it makes of the price.
pub struct Nautilus(pub NautilusBook);

impl Book for Nautilus {
    fn change(&mut self, change: &Change) {
        let side = if change.side == Side::Bid {
            OrderSide::Buy
        } else {
            OrderSide::Sell
        };
        let price = Price::new(f64::from(change.price) / 10_000.0, 4);
        let size = Quantity::new(change.size as f64 / 1_000_000.0, 2);
        let order = BookOrder::new(side, price, size, u64::from(change.price));
        if change.size > 0 {
            self.0.update(order, 0, 0, 0.into());
        } else {
            self.0.delete(order, 0, 0, 0.into());
        }
    }
    fn best(&self) -> (u32, u32) {
        let price = |best: Option<Price>, none: u32| {
            best.map_or(none, |price| (price.as_f64() * 10_000.0).round() as u32)
        };
        (
            price(self.0.best_bid_price(), 0),
            price(self.0.best_ask_price(), PRICE_MAX),
        )
    }
}

/// A book of orders: a level is one order, cancelled and placed anew with each change.
pub struct Orders(pub DefaultOrderBook);

impl Orders {
    fn id(change: &Change) -> Id {
        Id::from_u64(u64::from(change.price) << 1 | change.side as u64)
    }
}

impl Book for Orders {
    fn change(&mut self, change: &Change) {
        let id = Self::id(change);
        let _ = self.0.cancel_order(id);
        if change.size > 0 {
            let side = if change.side == Side::Bid {
                ObSide::Buy
            } else {
                ObSide::Sell
            };
            let price = u128::from(change.price);
            let _ = self
                .0
                .add_limit_order(id, price, change.size, side, TimeInForce::Gtc, None);
        }
    }
    fn best(&self) -> (u32, u32) {
        let price = |best: Option<u128>, none: u32| best.map_or(none, |price| price as u32);
        (
            price(self.0.best_bid(), 0),
            price(self.0.best_ask(), PRICE_MAX),
        )
    }
}

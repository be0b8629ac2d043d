use polaris_book::{Change, PRICE_MAX, Side, UNSAID};

use crate::decimal::PRICE_PLACES;
use crate::frame::{Frame, RowSpans, Span, span};
use crate::frame_fault::{Expected, fault};
use crate::frame_fields::{
    ASKS, ASSET, BEST_ASK, BEST_BID, BIDS, BUYS, CHANGES, Fields, Found, HASH, NEW_TICK, OLD_TICK,
    PRICE, PRICE_CHANGES, SELLS, SIDE, SIZE,
};
use crate::frame_reader::Reader;
use crate::ids::UNKNOWN;
use crate::json::Value;

/// What messages say of levels, as rows of a frame.
impl Reader<'_> {
    /// Adds the levels of a book; whose it is.
    pub(crate) fn book(&self, fields: &Fields, frame: &mut Frame) -> Found<u64> {
        let asset = fields.text(ASSET)?;
        let token = self.token(asset);
        frame.is_odd |= token == UNKNOWN;
        for (side, now, once) in [(Side::Bid, BIDS, BUYS), (Side::Ask, ASKS, SELLS)] {
            let is_once = !fields.has(now) && fields.has(once);
            let list = fields.list(if is_once { once } else { now })?;
            self.json.each(list, |at| {
                let (level, behind) = self.object(at, frame)?;
                let (price, size) = (level.text(PRICE)?, level.text(SIZE)?);
                let (numbers, unfit) = self.level(price, size)?;
                let row = Change {
                    token,
                    side,
                    price: numbers.0,
                    size: numbers.1,
                    bid: UNSAID,
                    ask: UNSAID,
                };
                let spans = RowSpans {
                    asset: span_of(asset),
                    price: span_of(price),
                    size: span_of(size),
                    hash: Span::default(),
                    unfit,
                };
                push(frame, row, spans);
                Ok(behind)
            })?;
        }
        Ok(token)
    }

    /// `price_changes[]`; `changes[]` of one token or one flat change before September 2025.
    pub(crate) fn changes(&self, fields: &Fields, frame: &mut Frame) -> Found<()> {
        let is_now = fields.has(PRICE_CHANGES);
        if !is_now && !fields.has(CHANGES) {
            return self.change((fields, fields), Span::default(), frame);
        }
        let list = fields.list(if is_now { PRICE_CHANGES } else { CHANGES })?;
        self.json.each(list, |at| {
            let (row, behind) = self.object(at, frame)?;
            let of = if is_now { &row } else { fields };
            let hash = if is_now { row.said(HASH)? } else { None };
            self.change((of, &row), hash.map(span_of).unwrap_or_default(), frame)?;
            Ok(behind)
        })
    }

    /// One change: the first fields say whose it is.
    fn change(&self, of: (&Fields, &Fields), hash: Span, frame: &mut Frame) -> Found<()> {
        self.row(of, hash, Some((BEST_BID, BEST_ASK)), frame)
    }

    /// A row with one level; with the venue's best where they stand under these keys.
    pub(crate) fn row(
        &self,
        (of, row): (&Fields, &Fields),
        hash: Span,
        bests: Option<(usize, usize)>,
        frame: &mut Frame,
    ) -> Found<()> {
        let side = self.side(row.text(SIDE)?)?;
        let (price, size) = (row.text(PRICE)?, row.text(SIZE)?);
        let (numbers, unfit) = self.level(price, size)?;
        let asset = of.text(ASSET)?;
        let (mut bid, mut ask) = (UNSAID, UNSAID);
        if let Some((best_bid, best_ask)) = bests {
            bid = self.best(row, best_bid, 0)?;
            ask = self.best(row, best_ask, PRICE_MAX as i32)?;
        }
        if bid == UNSAID || ask == UNSAID {
            (bid, ask) = (UNSAID, UNSAID);
        }
        let change = Change {
            token: self.token(asset),
            side,
            price: numbers.0,
            size: numbers.1,
            bid,
            ask,
        };
        let spans = RowSpans {
            asset: span_of(asset),
            price: span_of(price),
            size: span_of(size),
            hash,
            unfit,
        };
        push(frame, change, spans);
        Ok(())
    }

    pub(crate) fn tick(&self, fields: &Fields, frame: &mut Frame) -> Found<()> {
        let asset = fields.text(ASSET)?;
        let (old, new) = (fields.text(OLD_TICK)?, fields.text(NEW_TICK)?);
        let Ok(from @ 0..) = self.decimal(old, PRICE_PLACES) else {
            return fault(old.start, Expected::Decimal);
        };
        let to = self.decimal(new, PRICE_PLACES).unwrap_or(0);
        if !(1..=i64::from(PRICE_MAX)).contains(&to) || i64::from(PRICE_MAX) % to != 0 {
            return fault(new.start, Expected::Tick);
        }
        if from > i64::from(PRICE_MAX) {
            return fault(old.start, Expected::Tick);
        }
        let row = Change {
            token: self.token(asset),
            side: Side::Bid,
            price: from as u32,
            size: to as u64,
            bid: UNSAID,
            ask: UNSAID,
        };
        let spans = RowSpans {
            asset: span_of(asset),
            price: span_of(old),
            size: span_of(new),
            hash: Span::default(),
            unfit: 0,
        };
        push(frame, row, spans);
        Ok(())
    }

    fn object(&self, at: usize, frame: &mut Frame) -> Found<(Fields, usize)> {
        if self.json.byte(at)? != b'{' {
            return fault(at, Expected::List);
        }
        self.fields(at, frame)
    }
}

fn push(frame: &mut Frame, row: Change, spans: RowSpans) {
    frame.is_odd |= spans.unfit != 0 || row.token == UNKNOWN;
    frame.rows.push(row);
    frame.spans.push(spans);
}

/// Where a value stands.
pub(crate) const fn span_of(value: Value) -> Span {
    span(value.start, value.end)
}

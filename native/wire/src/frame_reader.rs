use polaris_book::{Change, PRICE_MAX, Side, UNSAID};

use crate::decimal::PRICE_PLACES;
use crate::frame::{Frame, Message, MessageKind, RowSpans, Span, span};
use crate::frame_fields::{
    ASKS, ASSET, BEST_ASK, BEST_BID, BIDS, BUYS, CHANGES, EVENT_TYPE, Fields, Found, HASH, KEYS,
    MARKET, NEW_TICK, OLD_TICK, PRICE, PRICE_CHANGES, SELLS, SIDE, SIZE, TIMESTAMP, TRANSACTION,
};
use crate::frame_hot::hot_message;
use crate::ids::{TokenIds, UNKNOWN};
use crate::json::{Expected, FrameFault, Json, Kind, Value, fault};

/// Reads a whole frame: one message, or an array of messages, with white space around.
///
/// # Errors
/// The first place where it cannot be read. `frame` then holds the messages before that.
pub fn read_frame(bytes: &[u8], ids: &TokenIds, frame: &mut Frame) -> Result<(), FrameFault> {
    frame.restart();
    let json = Json(bytes);
    let mut at = json.behind_space(0);
    match json.byte(at)? {
        b'{' => at = read_message(bytes, at, ids, frame)?,
        b'[' => {
            at = json.behind_space(at + 1);
            if json.byte(at)? == b']' {
                at += 1;
            } else {
                loop {
                    if json.byte(at)? != b'{' {
                        return fault(at, Expected::Message);
                    }
                    at = json.behind_space(read_message(bytes, at, ids, frame)?);
                    match json.byte(at)? {
                        b',' => at = json.behind_space(at + 1),
                        b']' => break,
                        _ => return fault(at, Expected::Comma),
                    }
                }
                at += 1;
            }
        }
        _ => return fault(at, Expected::Message),
    }
    at = json.behind_space(at);
    if at < bytes.len() {
        return fault(at, Expected::Nothing);
    }
    Ok(())
}

/// Reads the message whose brace stands at `at` and adds it to `frame`; the place behind it.
///
/// # Errors
/// The first place where it cannot be read.
#[inline]
pub fn read_message(
    bytes: &[u8],
    at: usize,
    ids: &TokenIds,
    frame: &mut Frame,
) -> Result<usize, FrameFault> {
    match hot_message(bytes, at, ids, frame) {
        Some(behind) => Ok(behind),
        None => any_message(bytes, at, ids, frame),
    }
}

/// As `read_message`, in any form.
pub(crate) fn any_message(
    bytes: &[u8],
    at: usize,
    ids: &TokenIds,
    frame: &mut Frame,
) -> Result<usize, FrameFault> {
    let rows = frame.rows.len();
    let flags = (frame.is_plain, frame.is_odd);
    let reader = Reader {
        json: Json(bytes),
        ids,
    };
    let read = reader.message(at, frame);
    if read.is_err() {
        frame.rows.truncate(rows);
        frame.spans.truncate(rows);
        (frame.is_plain, frame.is_odd) = flags;
    }
    read
}

/// What a frame is read with.
pub struct Reader<'a> {
    pub json: Json<'a>,
    pub ids: &'a TokenIds,
}

impl Reader<'_> {
    fn message(&self, at: usize, frame: &mut Frame) -> Found<usize> {
        let (fields, behind) = self.fields(at, frame)?;
        let kind = self.kind(&fields);
        let mut message = Message {
            kind,
            t_us: 0,
            row: frame.rows.len() as u32,
            rows: 0,
            asset_token: 0,
            whole: span(at, behind),
            market: Span::default(),
            timestamp: Span::default(),
            hash: Span::default(),
            transaction: Span::default(),
        };
        if kind != MessageKind::Other {
            let timestamp = fields.text(TIMESTAMP)?;
            message.t_us = self.millis(timestamp)? * 1_000;
            message.timestamp = span_of(timestamp);
            message.market = span_of(fields.text(MARKET)?);
            message.hash = fields.said(HASH)?.map(span_of).unwrap_or_default();
        }
        match kind {
            MessageKind::Other => {}
            MessageKind::Book => message.asset_token = self.book(&fields, frame)?,
            MessageKind::PriceChange => self.changes(&fields, frame)?,
            MessageKind::Trade => {
                message.transaction = fields.said(TRANSACTION)?.map(span_of).unwrap_or_default();
                self.row((&fields, &fields), Span::default(), None, frame)?;
            }
            MessageKind::TickSize => self.tick(&fields, frame)?,
        }
        message.rows = frame.rows.len() as u32 - message.row;
        frame.messages.push(message);
        Ok(behind)
    }

    /// The fields of the object whose brace stands at `at`, and the place behind it.
    fn fields(&self, at: usize, frame: &mut Frame) -> Found<(Fields, usize)> {
        let json = self.json;
        let mut values = [Value::ABSENT; KEYS.len()];
        let mut next = json.behind_space(at + 1);
        if json.byte(next)? == b'}' {
            return Ok((Fields { at, values }, next + 1));
        }
        loop {
            let (key, from) = json.key(next)?;
            let (value, behind) = json.value(from)?;
            if let Some(slot) = self.slot(key) {
                if values[slot].kind != Kind::Absent {
                    return fault(next, Expected::Once);
                }
                values[slot] = value;
                frame.is_plain &= value.is_plain;
            }
            next = json.behind_space(behind);
            match json.byte(next)? {
                b',' => next = json.behind_space(next + 1),
                b'}' => return Ok((Fields { at, values }, next + 1)),
                _ => return fault(next, Expected::Comma),
            }
        }
    }

    fn slot(&self, key: Value) -> Option<usize> {
        self.with_text(key, |key| KEYS.iter().position(|&known| known == key))
    }

    fn kind(&self, fields: &Fields) -> MessageKind {
        let value = fields.values[EVENT_TYPE];
        if value.kind != Kind::Text {
            return MessageKind::Other;
        }
        self.with_text(value, |word| match word {
            b"book" => MessageKind::Book,
            b"price_change" => MessageKind::PriceChange,
            b"last_trade_price" => MessageKind::Trade,
            b"tick_size_change" => MessageKind::TickSize,
            _ => MessageKind::Other,
        })
    }

    /// Adds the levels of a book; whose it is.
    fn book(&self, fields: &Fields, frame: &mut Frame) -> Found<u64> {
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
    fn changes(&self, fields: &Fields, frame: &mut Frame) -> Found<()> {
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
    fn row(
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

    fn tick(&self, fields: &Fields, frame: &mut Frame) -> Found<()> {
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

const fn span_of(value: Value) -> Span {
    span(value.start, value.end)
}

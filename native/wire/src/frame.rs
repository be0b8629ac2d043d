use polaris_book::{Change, PRICE_MAX, Side, UNSAID};

use crate::decimal::{PRICE_PLACES, SIZE_PLACES, Unfit, scaled};
use crate::frame_hot::hot_message;
use crate::ids::{TokenIds, UNKNOWN};
use crate::json::{Expected, FrameFault, Json, Kind, Value, fault};

/// What a message of the venue's market channel says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum MessageKind {
    /// Nothing of levels: it has another type, or none.
    Other = 0,
    /// `book`: the levels of a whole book, in the venue's order.
    Book,
    /// `price_change`, in any of its three forms.
    PriceChange,
    /// `last_trade_price`: one row, the side is the taker's.
    Trade,
    /// `tick_size_change`: one row, the old grid as its price and the new one as its size, both 1e-4 dollar.
    TickSize,
}

/// A piece of the frame: a string without its quotes; both 0 where it is not there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// Offset of its first byte.
    pub start: u32,
    /// Offset behind its last.
    pub end: u32,
}

/// One message of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message {
    /// What it says.
    pub kind: MessageKind,
    /// The venue's time, µs; 0 where `kind` is `Other`.
    pub t_us: u64,
    /// Its first row.
    pub row: u32,
    /// How many rows it has.
    pub rows: u32,
    /// Whose book a `book` states, which may have no rows; else 0.
    pub asset_token: u64,
    /// Where it stands.
    pub whole: Span,
    /// Its market.
    pub market: Span,
    /// The venue's own text of the time, which its hashes cover.
    pub timestamp: Span,
    /// The hash of the message; that of a row stands with the row.
    pub hash: Span,
    /// The hash of the transaction.
    pub transaction: Span,
}

/// Where the parts of a row stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowSpans {
    /// Whose row it is.
    pub asset: Span,
    /// The venue's own text of the price.
    pub price: Span,
    /// The venue's own text of the size.
    pub size: Span,
    /// The hash of the whole book after the change.
    pub hash: Span,
    /// Why it is no level, 0 where it is one; then price and size are 0. `UNFIT` in `engine/feeds/polymarket/frame.ts`.
    pub unfit: u32,
}

/// What a frame says. Owned by the caller and used again for the next one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frame {
    /// Its messages, in order.
    pub messages: Vec<Message>,
    /// The rows of all messages. An asset that nobody registered has the token `UNKNOWN`.
    pub rows: Vec<Change>,
    /// Where the rows stand, one for each.
    pub spans: Vec<RowSpans>,
    /// Whether every string that was looked at is plain ASCII without escapes.
    pub is_plain: bool,
    /// Whether a row is no level, or has an unknown token.
    pub is_odd: bool,
}

impl Frame {
    /// Empties it.
    #[inline]
    pub fn restart(&mut self) {
        self.messages.clear();
        self.rows.clear();
        self.spans.clear();
        self.is_plain = true;
        self.is_odd = false;
    }

    /// The rows of one of its messages.
    #[inline]
    pub fn rows_of(&self, message: &Message) -> &[Change] {
        let from = message.row as usize;
        self.rows
            .get(from..from + message.rows as usize)
            .unwrap_or(&[])
    }
}

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

/// The keys that mean something, by their place in `Fields`.
const KEYS: [&[u8]; 19] = [
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
const EVENT_TYPE: usize = 0;
const MARKET: usize = 1;
const ASSET: usize = 2;
const TIMESTAMP: usize = 3;
const HASH: usize = 4;
const PRICE: usize = 5;
const SIZE: usize = 6;
const SIDE: usize = 7;
const BEST_BID: usize = 8;
const BEST_ASK: usize = 9;
const PRICE_CHANGES: usize = 10;
const CHANGES: usize = 11;
const BIDS: usize = 12;
const ASKS: usize = 13;
const BUYS: usize = 14;
const SELLS: usize = 15;
const OLD_TICK: usize = 16;
const NEW_TICK: usize = 17;
const TRANSACTION: usize = 18;

/// The values of one object under its known keys.
struct Fields {
    at: usize,
    values: [Value; KEYS.len()],
}

type Found<T> = Result<T, FrameFault>;

struct Reader<'a> {
    json: Json<'a>,
    ids: &'a TokenIds,
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

    /// Price and size of a level, or why it is none: the order of these is that of `levelOf`.
    fn level(&self, price: Value, size: Value) -> Found<((u32, u64), u32)> {
        let at = self.decimal(price, PRICE_PLACES);
        if at == Err(Unfit::NotADecimal) {
            return fault(price.start, Expected::Decimal);
        }
        let total = self.decimal(size, SIZE_PLACES);
        if total == Err(Unfit::NotADecimal) {
            return fault(size.start, Expected::Decimal);
        }
        let unfit = match (at, total) {
            (Err(Unfit::Finer), _) => 1,
            (Err(_), _) => 2,
            (_, Err(Unfit::Finer)) => 3,
            (_, Err(_)) => 4,
            (Ok(at), _) if at <= 0 || at >= i64::from(PRICE_MAX) => 5,
            (_, Ok(total)) if total < 0 => 6,
            (Ok(at), Ok(total)) => return Ok(((at as u32, total as u64), 0)),
        };
        Ok(((0, 0), unfit))
    }

    /// The venue's best after a change: `none` for an empty side, `UNSAID` where it does not say.
    fn best(&self, row: &Fields, slot: usize, none: i32) -> Found<i32> {
        let Some(text) = row.said(slot)? else {
            return Ok(UNSAID);
        };
        if text.start == text.end {
            return Ok(none);
        }
        match self.decimal(text, PRICE_PLACES) {
            Err(Unfit::NotADecimal) | Ok(..0) => fault(text.start, Expected::Decimal),
            Ok(0) => Ok(none),
            Ok(best) if best <= i64::from(PRICE_MAX) => Ok(best as i32),
            _ => Ok(UNSAID),
        }
    }

    fn side(&self, text: Value) -> Found<Side> {
        let side = self.with_text(text, |word| {
            if word.eq_ignore_ascii_case(b"BUY") {
                Some(Side::Bid)
            } else if word.eq_ignore_ascii_case(b"SELL") {
                Some(Side::Ask)
            } else {
                None
            }
        });
        side.map_or_else(|| fault(text.start, Expected::Side), Ok)
    }

    fn millis(&self, text: Value) -> Found<u64> {
        let millis = self.with_text(text, |digits| {
            let is_time = matches!(digits.len(), 1..=13) && digits.iter().all(u8::is_ascii_digit);
            let value = |sum: u64, digit: &u8| sum * 10 + u64::from(digit - b'0');
            is_time.then(|| digits.iter().fold(0, value))
        });
        millis.map_or_else(|| fault(text.start, Expected::Millis), Ok)
    }

    fn decimal(&self, text: Value, places: u32) -> Result<i64, Unfit> {
        self.with_text(text, |text| scaled(text, places))
    }

    fn token(&self, asset: Value) -> u64 {
        self.with_text(asset, |id| self.ids.token(id))
    }

    fn with_text<T>(&self, text: Value, read: impl FnOnce(&[u8]) -> T) -> T {
        if text.is_plain {
            read(self.json.0.get(text.start..text.end).unwrap_or(&[]))
        } else {
            read(&self.json.unescaped(text))
        }
    }
}

impl Fields {
    fn has(&self, slot: usize) -> bool {
        self.values[slot].kind != Kind::Absent
    }

    /// A string that must be there.
    fn text(&self, slot: usize) -> Found<Value> {
        let value = self.values[slot];
        match value.kind {
            Kind::Text => Ok(value),
            Kind::Absent => fault(self.at, Expected::Field),
            _ => fault(value.start, Expected::Text),
        }
    }

    /// A string that may be absent or null.
    fn said(&self, slot: usize) -> Found<Option<Value>> {
        match self.values[slot].kind {
            Kind::Absent | Kind::Null => Ok(None),
            _ => self.text(slot).map(Some),
        }
    }

    fn list(&self, slot: usize) -> Found<Value> {
        let value = self.values[slot];
        match value.kind {
            Kind::List => Ok(value),
            Kind::Absent => fault(self.at, Expected::Field),
            _ => fault(value.start, Expected::List),
        }
    }
}

fn push(frame: &mut Frame, row: Change, spans: RowSpans) {
    frame.is_odd |= spans.unfit != 0 || row.token == UNKNOWN;
    frame.rows.push(row);
    frame.spans.push(spans);
}

pub(crate) const fn span(start: usize, end: usize) -> Span {
    Span {
        start: start as u32,
        end: end as u32,
    }
}

const fn span_of(value: Value) -> Span {
    span(value.start, value.end)
}

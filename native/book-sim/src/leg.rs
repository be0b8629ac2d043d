use crate::answer::{Event, Fill, Kind, Payload, millionths};
use crate::paper_books::{PaperBooks, Take};
use crate::request::{Intent, Units};

/// What a caller may choose beyond the request.
#[derive(Clone, Copy)]
pub struct Options {
    /// A trade of several legs is discarded whole when a leg has less than 80 % of its shares.
    pub guards_legs: bool,
    /// An order below the venue's least size is raised to it; else it is refused.
    pub raises_to_min_size: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            guards_legs: false,
            raises_to_min_size: true,
        }
    }
}

/// What came of one intent.
pub struct Leg<'v> {
    pub event: Event<'v>,
    pub fill: Option<Fill<'v>>,
    pub requested: Units,
    pub filled: Units,
    pub notional: Units,
}

const TAKES_PART: [&[u8]; 3] = [b"FAK", b"IOC", b"PAPER"];
const BPS: i128 = 10_000;

/// Judges one intent against the books and takes what it fills; steps in the order of the contract.
pub fn fill_leg<'v>(
    intent: &Intent<'v>,
    books: &mut PaperBooks<'_>,
    slippage_bps: Units,
    options: Options,
) -> Leg<'v> {
    let Some(book) = books.book(intent.token_id) else {
        return refused(intent, "missing_snapshot", 404, 0.0, Payload::Empty);
    };
    let no = |message, requested| refused(intent, message, 422, requested, Payload::Empty);
    let (bid, ask) = (book.bid(), book.ask());
    let touch = if intent.is_buy { ask } else { bid };
    let raw = intent.limit.or(touch).unwrap_or(0.0);
    let (wanted, least) = match (intent.shares, intent.notional) {
        (Some(shares), _) => (shares, book.min_size),
        (None, Some(notional)) if raw > 0.0 => (shares_for(notional, raw), book.min_size),
        _ => (0.0, 0.0),
    };
    let size = wanted.max(least);
    if size <= 0.0 {
        return no("invalid_size", 0.0);
    }
    if raw <= 0.0 {
        return no("invalid_price", size);
    }
    if wanted < size && !options.raises_to_min_size {
        return no("below_min_order_size", wanted);
    }
    let limit = on_tick(raw, book.tick, intent.is_buy);
    if !is_near(intent.is_buy, limit, touch, slippage_bps) {
        let payload = Payload::Drift { limit, bid, ask };
        return refused(intent, "preflight_price_drift", 422, size, payload);
    }
    let found = book.within(intent.is_buy, limit, size);
    let filled = found.iter().fold(0.0, |sum, &(_, part)| sum + part);
    if filled == 0.0 || (filled < size && !TAKES_PART.contains(&intent.order_type)) {
        return no("insufficient_liquidity", size);
    }
    book.take(intent.is_buy, &found);
    filled_leg(intent, &found, filled, size)
}

/// Shares that so many dollars buy at a price, rounded down.
fn shares_for(notional: Units, at: Units) -> Units {
    (notional as u128 * 10_000 / at as u128) as f64
}

/// The price on the tick grid: a buy's up, a sale's down, never below one tick.
fn on_tick(at: Units, tick: Units, is_buy: bool) -> Units {
    let over = at % tick;
    let rounded = if is_buy && over > 0.0 {
        at - over + tick
    } else {
        at - over
    };
    tick.max(rounded)
}

/// Whether the touch is there and no further from the limit than the slippage.
fn is_near(is_buy: bool, limit: Units, touch: Option<Units>, slippage_bps: Units) -> bool {
    let Some(touch) = touch else { return false };
    let slip = slippage_bps as i128;
    let scaled = touch as i128 * BPS;
    if is_buy {
        scaled <= limit as i128 * (BPS + slip)
    } else {
        scaled >= limit as i128 * (BPS - slip)
    }
}

fn filled_leg<'v>(intent: &Intent<'v>, found: &Take, filled: Units, size: Units) -> Leg<'v> {
    let is_buy = intent.is_buy;
    let cash = found
        .iter()
        .fold(0, |sum, &(at, part)| sum + at as u128 * part as u128);
    let notional = divided(cash, 10_000, is_buy) as f64;
    let price = average(cash, filled as u128, is_buy) as f64 / 1e7;
    let (kind, message) = if filled == size {
        (Kind::Fill, "paper_fill")
    } else {
        (Kind::PartialFill, "paper_partial_fill")
    };
    Leg {
        event: Event {
            intent_id: intent.intent_id,
            kind,
            code: 200,
            message,
            payload: Payload::Filled {
                price,
                size: millionths(filled),
                requested: millionths(size),
                notional: millionths(notional),
            },
        },
        fill: Some(Fill {
            token_id: intent.token_id,
            market_id: intent.market_id,
            is_buy,
            price,
            size: millionths(filled),
            notional: millionths(notional),
        }),
        requested: size,
        filled,
        notional,
    }
}

fn refused<'v>(
    intent: &Intent<'v>,
    message: &'static str,
    code: u16,
    requested: Units,
    payload: Payload,
) -> Leg<'v> {
    let event = Event {
        intent_id: intent.intent_id,
        kind: Kind::Reject,
        code,
        message,
        payload,
    };
    Leg {
        event,
        fill: None,
        requested,
        filled: 0.0,
        notional: 0.0,
    }
}

/// `1,000 × cash / size`, up for a buy, down for a sale; split, so that no product is too large.
fn average(cash: u128, size: u128, is_up: bool) -> u128 {
    cash / size * 1_000 + divided(cash % size * 1_000, size, is_up)
}

fn divided(a: u128, b: u128, is_up: bool) -> u128 {
    if is_up { a.div_ceil(b) } else { a / b }
}

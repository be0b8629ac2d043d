use crate::print::{push_number, push_text};
use crate::request::Units;

/// One leg as it filled, in decimals.
pub struct Fill<'v> {
    pub token_id: &'v [u8],
    pub market_id: &'v [u8],
    pub is_buy: bool,
    pub price: f64,
    pub size: f64,
    pub notional: f64,
}

/// What became of an intent.
#[derive(Clone, Copy)]
pub enum Kind {
    Reject,
    Fill,
    PartialFill,
    ShortInPart,
    ShortOfAll,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Reject => "reject",
            Self::Fill => "fill",
            Self::PartialFill => "partial_fill",
            Self::ShortInPart => "paper_multi_leg_partial_fill",
            Self::ShortOfAll => "paper_multi_leg_incomplete",
        }
    }
}

/// What an event carries besides its message.
#[derive(Clone, Copy)]
pub enum Payload {
    Empty,
    /// In units of price.
    Drift {
        limit: Units,
        bid: Option<Units>,
        ask: Option<Units>,
    },
    /// In decimals, as are all below.
    Filled {
        price: f64,
        size: f64,
        requested: f64,
        notional: f64,
    },
    Short {
        requested: f64,
        filled: f64,
        ratio: f64,
    },
}

/// What happened to one intent.
#[derive(Clone, Copy)]
pub struct Event<'v> {
    pub intent_id: &'v [u8],
    pub kind: Kind,
    pub code: u16,
    pub message: &'static str,
    pub payload: Payload,
}

impl<'v> Event<'v> {
    /// Why a guarded trade was discarded.
    pub fn short(intent_id: &'v [u8], kind: Kind, payload: Payload) -> Self {
        let message = kind.name();
        Self {
            intent_id,
            kind,
            code: 422,
            message,
            payload,
        }
    }
}

/// The answer to one request.
pub struct Answer<'v> {
    pub fills: Vec<Fill<'v>>,
    pub events: Vec<Event<'v>>,
    pub capital: f64,
}

/// Least part of its shares that each leg of a guarded trade must have, in percent.
pub const LEAST_PART_PERCENT: u32 = 80;

/// Decimal of a whole number of millionths.
pub fn millionths(units: Units) -> f64 {
    units / 1e6
}

/// Appends an answer as `JSON.stringify` writes it.
pub fn push_answer(out: &mut Vec<u8>, answer: &Answer<'_>) {
    out.extend_from_slice(b"{\"fills\":[");
    for (k, fill) in answer.fills.iter().enumerate() {
        separate(out, k);
        push_fill(out, fill);
    }
    out.extend_from_slice(b"],\"events\":[");
    for (k, event) in answer.events.iter().enumerate() {
        separate(out, k);
        push_event(out, event);
    }
    out.extend_from_slice(b"],\"capital_used_usd\":");
    push_number(out, answer.capital);
    out.push(b'}');
}

fn separate(out: &mut Vec<u8>, k: usize) {
    if k > 0 {
        out.push(b',');
    }
}

fn push_fill(out: &mut Vec<u8>, fill: &Fill<'_>) {
    out.extend_from_slice(b"{\"token_id\":");
    push_text(out, fill.token_id);
    out.extend_from_slice(b",\"market_id\":");
    push_text(out, fill.market_id);
    let side = if fill.is_buy { "BUY" } else { "SELL" };
    out.extend_from_slice(b",\"side\":\"");
    out.extend_from_slice(side.as_bytes());
    out.push(b'"');
    push_members(
        out,
        &[
            (",\"fill_price\":", Some(fill.price)),
            (",\"fill_size\":", Some(fill.size)),
            (",\"fill_notional_usd\":", Some(fill.notional)),
        ],
    );
    out.extend_from_slice(b",\"fee_usd\":0}");
}

fn push_event(out: &mut Vec<u8>, event: &Event<'_>) {
    out.extend_from_slice(b"{\"intent_id\":");
    push_text(out, event.intent_id);
    let (kind, code, message) = (event.kind.name(), event.code, event.message);
    let said =
        format!(",\"event_type\":\"{kind}\",\"status_code\":{code},\"message\":\"{message}\"");
    out.extend_from_slice(said.as_bytes());
    out.extend_from_slice(b",\"payload\":{");
    match event.payload {
        Payload::Empty => {}
        Payload::Drift { limit, bid, ask } => push_members(
            out,
            &[
                ("\"limit\":", Some(limit / 1e4)),
                (",\"bid\":", bid.map(|at| at / 1e4)),
                (",\"ask\":", ask.map(|at| at / 1e4)),
            ],
        ),
        Payload::Filled {
            price,
            size,
            requested,
            notional,
        } => push_members(
            out,
            &[
                ("\"price\":", Some(price)),
                (",\"size\":", Some(size)),
                (",\"requested_size\":", Some(requested)),
                (",\"notional\":", Some(notional)),
            ],
        ),
        Payload::Short {
            requested,
            filled,
            ratio,
        } => push_members(
            out,
            &[
                ("\"requested\":", Some(requested)),
                (",\"filled\":", Some(filled)),
                (",\"ratio\":", Some(ratio)),
                (
                    ",\"min_ratio\":",
                    Some(f64::from(LEAST_PART_PERCENT) / 100.0),
                ),
            ],
        ),
    }
    out.extend_from_slice(b"}}");
}

fn push_members(out: &mut Vec<u8>, members: &[(&str, Option<f64>)]) {
    for (key, value) in members {
        out.extend_from_slice(key.as_bytes());
        match value {
            Some(x) => push_number(out, *x),
            None => out.extend_from_slice(b"null"),
        }
    }
}

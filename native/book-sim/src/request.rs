use crate::decimal_request::{DecimalIntent, DecimalLevel, DecimalRequest, DecimalSnapshot};
use crate::json::Value;
use crate::print::push_number;
use crate::request_reader::{SAFE_MAX, decimal_request};

/// A whole number of units. Up to 2^53 − 1 it is exact; sums beyond round as the reference's do, which is why it is one.
pub type Units = f64;

/// What one leg wants, in exact units.
pub struct Intent<'v> {
    pub intent_id: &'v [u8],
    pub token_id: &'v [u8],
    pub market_id: &'v [u8],
    pub is_buy: bool,
    /// FAK, IOC and PAPER take a part; anything else is all or none.
    pub order_type: &'v [u8],
    /// 1e-4 dollar.
    pub limit: Option<Units>,
    /// 1e-6 share.
    pub shares: Option<Units>,
    /// 1e-6 dollar.
    pub notional: Option<Units>,
}

/// Price in 1e-4 dollar, size in 1e-6 share.
#[derive(Clone, Copy)]
pub struct Level {
    pub price: Units,
    pub size: Units,
}

/// What a token's book was, in exact units; levels best first.
pub struct Snapshot<'v> {
    pub token: &'v [u8],
    pub best_bid: Option<Units>,
    pub best_ask: Option<Units>,
    pub min_size: Units,
    pub tick: Units,
    pub bids: Vec<Level>,
    pub asks: Vec<Level>,
}

/// A request in exact units.
pub struct Request<'v> {
    pub slippage_bps: Units,
    pub intents: Vec<Intent<'v>>,
    pub snapshots: Vec<Snapshot<'v>>,
}

/// A number of a request that is no whole number of units: what, where, what was expected.
struct Unfit(Vec<u8>);

/// A request in exact units, or what is wrong with it, where, and what was expected.
///
/// # Errors
/// The sentence, in generalised UTF-8.
pub fn request_from<'v>(value: Option<&'v Value<'_>>) -> Result<Request<'v>, Vec<u8>> {
    let of = decimal_request(value)?;
    in_units(of).map_err(|Unfit(sentence)| sentence)
}

fn in_units<'v>(of: DecimalRequest<'v>) -> Result<Request<'v>, Unfit> {
    let intents = of.intents.into_iter().enumerate();
    let intents = intents
        .map(|(k, one)| intent_from(one, k))
        .collect::<Result<_, _>>()?;
    let snapshots = of.snapshots.into_iter().map(snapshot_from);
    Ok(Request {
        slippage_bps: of.slippage_bps,
        intents,
        snapshots: snapshots.collect::<Result<_, _>>()?,
    })
}

fn intent_from(of: DecimalIntent<'_>, k: usize) -> Result<Intent<'_>, Unfit> {
    let at = |field: &str| format!("intents.{k}.{field}").into_bytes();
    let to_limit = if of.is_buy { f64::ceil } else { f64::floor };
    Ok(Intent {
        intent_id: of.intent_id,
        token_id: of.token_id,
        market_id: of.market_id,
        is_buy: of.is_buy,
        order_type: of.order_type,
        limit: roughly(of.limit_price, 4, to_limit, || at("limit_price"))?,
        shares: roughly(of.shares, 6, f64::floor, || at("shares"))?,
        notional: roughly(of.notional_usd, 6, f64::floor, || at("notional_usd"))?,
    })
}

fn snapshot_from(of: DecimalSnapshot<'_>) -> Result<Snapshot<'_>, Unfit> {
    let at = |field: &str| [b"snapshots.", of.token, b".", field.as_bytes()].concat();
    let tick = exactly(of.tick_size, || at("tick_size"))?.unwrap_or(1.0);
    if tick == 0.0 {
        let sentence = [&at("tick_size")[..], b" is 0, expected a tick above 0"].concat();
        return Err(Unfit(sentence));
    }
    let best_bid = exactly(of.best_bid, || at("best_bid"))?;
    let best_ask = exactly(of.best_ask, || at("best_ask"))?;
    let least = roughly(of.min_order_size, 6, f64::ceil, || at("min_order_size"))?;
    let mut bids = levels_from(&of.bids, |k, field| at(&format!("bids.{k}.{field}")))?;
    let mut asks = levels_from(&of.asks, |k, field| at(&format!("asks.{k}.{field}")))?;
    bids.sort_by(|a, b| b.price.total_cmp(&a.price));
    asks.sort_by(|a, b| a.price.total_cmp(&b.price));
    Ok(Snapshot {
        token: of.token,
        best_bid,
        best_ask,
        min_size: least.unwrap_or(0.0),
        tick,
        bids,
        asks,
    })
}

fn levels_from(
    of: &[DecimalLevel],
    at: impl Fn(usize, &str) -> Vec<u8>,
) -> Result<Vec<Level>, Unfit> {
    let mut levels = Vec::with_capacity(of.len());
    for (k, &(price, size)) in of.iter().enumerate() {
        let price = exactly(Some(price), || at(k, "price"))?.unwrap_or(0.0);
        let size = roughly(Some(size), 6, f64::floor, || at(k, "size"))?.unwrap_or(0.0);
        if size > 0.0 {
            levels.push(Level { price, size });
        }
    }
    Ok(levels)
}

/// A price that must be a whole number of 1e-4 dollar.
fn exactly(x: Option<f64>, at: impl Fn() -> Vec<u8>) -> Result<Option<Units>, Unfit> {
    let Some(x) = x else { return Ok(None) };
    match nearest(x, 1e4) {
        Some(units) => Ok(Some(units)),
        None => Err(unfit(x, at(), "a whole number of 0.0001 dollar")),
    }
}

/// A decimal that may be finer than the unit, which then `round` decides.
fn roughly(
    x: Option<f64>,
    places: u32,
    round: fn(f64) -> f64,
    at: impl Fn() -> Vec<u8>,
) -> Result<Option<Units>, Unfit> {
    let Some(x) = x else { return Ok(None) };
    let unit = if places == 4 { 1e4 } else { 1e6 };
    if let Some(units) = nearest(x, unit) {
        return Ok(Some(units));
    }
    let rounded = round(x * unit);
    if rounded.abs() <= SAFE_MAX {
        return Ok(Some(rounded + 0.0));
    }
    let expected = format!("less than 2^53 units of 1e-{places}");
    Err(unfit(x, at(), &expected))
}

fn unfit(x: f64, at: Vec<u8>, expected: &str) -> Unfit {
    let mut sentence = at;
    sentence.extend_from_slice(b" is ");
    push_number(&mut sentence, x);
    sentence.extend_from_slice(b", expected ");
    sentence.extend_from_slice(expected.as_bytes());
    Unfit(sentence)
}

/// The whole number nearest to `x × unit`, where `x` is so many units but for the rounding of doubles: `nearest` of
/// `engine/feeds/decimal.ts`.
pub fn nearest(x: f64, unit: f64) -> Option<Units> {
    let scaled = x * unit;
    let below = scaled.floor();
    let units = if scaled - below >= 0.5 {
        below + 1.0
    } else {
        below
    };
    if units.abs() > SAFE_MAX || units.is_nan() {
        return None;
    }
    let size = x.abs();
    let slack = 1e-9 * size.min(1.0) + size * 2f64.powi(-51);
    ((units / unit - x).abs() <= slack).then_some(units + 0.0)
}

use polaris_book::{Change, PRICE_MAX, Side};

use crate::frame::{Frame, Message, MessageKind, RowSpans, Span, span};
use crate::ids::{TokenIds, is_plain};

/// Length of a condition id: `0x` and 64 hex digits.
const MARKET: usize = 66;
/// Length of a SHA-1 in hex.
const HASH: usize = 40;
/// Digits of a time in ms, from 2001 to 2286.
const MILLIS: usize = 13;

/// Reads a `price_change` as the venue has written it since September 2025, in exactly that form and of registered
/// tokens; the place behind it. `None` for anything else, which the general reader then takes: `frame` is as before.
#[inline]
pub fn hot_message(bytes: &[u8], at: usize, ids: &TokenIds, frame: &mut Frame) -> Option<usize> {
    let rows = frame.rows.len();
    let read = read(&mut Hot { bytes, at }, ids, frame);
    if read.is_none() {
        frame.rows.truncate(rows);
        frame.spans.truncate(rows);
    }
    read
}

#[inline]
fn read(hot: &mut Hot<'_>, ids: &TokenIds, frame: &mut Frame) -> Option<usize> {
    let (start, row) = (hot.at, frame.rows.len());
    hot.text(br#"{"market":""#)?;
    let market = hot.plain::<MARKET>()?;
    hot.text(br#"","price_changes":[{"asset_id":""#)?;
    loop {
        let (token, length) = ids.leading(hot.rest())?;
        let asset = span(hot.at, hot.at + length);
        hot.at += length;
        hot.text(br#"","price":""#)?;
        let (price, price_at) = hot.price()?;
        hot.text(br#"","size":""#)?;
        let (size, size_at) = hot.size()?;
        hot.text(br#"","side":""#)?;
        let side = match hot.rest() {
            [b'B', b'U', b'Y', ..] => {
                hot.at += 3;
                Side::Bid
            }
            [b'S', b'E', b'L', b'L', ..] => {
                hot.at += 4;
                Side::Ask
            }
            _ => return None,
        };
        hot.text(br#"","hash":""#)?;
        let hash = hot.plain::<HASH>()?;
        hot.text(br#"","best_bid":""#)?;
        let bid = hot.best(0)?;
        hot.text(br#"","best_ask":""#)?;
        let ask = hot.best(PRICE_MAX)?;
        frame.rows.push(Change {
            token,
            side,
            price,
            size,
            bid: bid as i32,
            ask: ask as i32,
        });
        frame.spans.push(RowSpans {
            asset,
            price: price_at,
            size: size_at,
            hash,
            unfit: 0,
        });
        if hot.text(br#""},{"asset_id":""#).is_none() {
            break;
        }
    }
    hot.text(br#""}],"timestamp":""#)?;
    let (millis, timestamp) = hot.millis()?;
    hot.text(br#"","event_type":"price_change"}"#)?;
    frame.messages.push(Message {
        kind: MessageKind::PriceChange,
        t_us: millis * 1_000,
        row: row as u32,
        rows: (frame.rows.len() - row) as u32,
        asset_token: 0,
        whole: span(start, hot.at),
        market,
        timestamp,
        hash: Span::default(),
        transaction: Span::default(),
    });
    Some(hot.at)
}

struct Hot<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Hot<'a> {
    #[inline(always)]
    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or(&[])
    }

    #[inline(always)]
    fn text<const N: usize>(&mut self, text: &[u8; N]) -> Option<()> {
        (self.rest().first_chunk::<N>()? == text).then(|| self.at += N)
    }

    /// `N` bytes that stand for themselves.
    #[inline(always)]
    fn plain<const N: usize>(&mut self) -> Option<Span> {
        let chunk = self.rest().first_chunk::<N>()?;
        // Without an early end, so that the bytes are looked at together.
        let odd = chunk
            .iter()
            .fold(0u8, |odd, &byte| odd | u8::from(!is_plain(byte)));
        self.take(N, odd == 0)
    }

    #[inline(always)]
    fn take(&mut self, length: usize, is_right: bool) -> Option<Span> {
        let from = self.at;
        is_right.then(|| {
            self.at += length;
            span(from, self.at)
        })
    }

    /// A price between 0 and 1, as `0.` and up to four digits.
    #[inline(always)]
    fn price(&mut self) -> Option<(u32, Span)> {
        let word = u64::from_le_bytes(*self.rest().first_chunk::<8>()?);
        if word & 0xffff != u64::from(u16::from_le_bytes(*b"0.")) {
            return None;
        }
        let fraction = word >> 16;
        let digits = digits_in(fraction);
        let price = fraction_value(fraction, digits, 4) as u32;
        let is_right = matches!(digits, 1..=4) && price > 0;
        Some((price, self.take(2 + digits, is_right)?))
    }

    /// A best price: a price, or `none` where the side is empty.
    #[inline(always)]
    fn best(&mut self, none: u32) -> Option<u32> {
        if let Some((price, _)) = self.price() {
            return Some(price);
        }
        match self.rest() {
            [b'"', ..] => Some(none),
            [b'0', b'"', ..] => {
                self.at += 1;
                Some(none)
            }
            [b'1', b'"', ..] => {
                self.at += 1;
                Some(PRICE_MAX)
            }
            _ => None,
        }
    }

    /// A size: up to eight digits, and up to six behind a point.
    #[inline(always)]
    fn size(&mut self) -> Option<(u64, Span)> {
        let rest = self.rest();
        let word = u64::from_le_bytes(*rest.first_chunk::<8>()?);
        let whole = digits_in(word);
        let units = fraction_value(word, whole, 8) / POWERS[8 - whole];
        if rest.get(whole) != Some(&b'.') {
            return Some((units * 1_000_000, self.take(whole, whole > 0)?));
        }
        let word = u64::from_le_bytes(*rest.get(whole + 1..)?.first_chunk::<8>()?);
        let digits = digits_in(word);
        let is_right = whole > 0 && matches!(digits, 1..=6);
        let size = units * 1_000_000 + fraction_value(word, digits, 6);
        Some((size, self.take(whole + 1 + digits, is_right)?))
    }

    #[inline(always)]
    fn millis(&mut self) -> Option<(u64, Span)> {
        let digits = self.rest().first_chunk::<MILLIS>()?;
        let high = u64::from_le_bytes(*digits.first_chunk::<8>()?);
        let low = u64::from_le_bytes(*digits.last_chunk::<8>()?);
        // The last eight digits overlap the first eight by three.
        let is_right = digits_in(high) == 8 && digits_in(low) == 8;
        let value = fraction_value(high, 8, 8) * 100_000 + fraction_value(low, 8, 8) % 100_000;
        Some((value, self.take(MILLIS, is_right)?))
    }
}

const POWERS: [u64; 9] = [
    1,
    10,
    100,
    1_000,
    10_000,
    100_000,
    1_000_000,
    10_000_000,
    100_000_000,
];

/// How many digits eight bytes begin with.
#[inline(always)]
fn digits_in(word: u64) -> usize {
    let values = word ^ 0x3030_3030_3030_3030;
    let not = (values | values.wrapping_add(0x0606_0606_0606_0606)) & 0xf0f0_f0f0_f0f0_f0f0;
    // A carry runs upwards only, behind the first byte that is no digit: that one is found right.
    (not.trailing_zeros() >> 3) as usize
}

/// The first `digits` of eight bytes as the digits behind a point, in units of 10^−`places`; `places` is 4, 6 or 8 and at
/// least `digits`.
#[inline(always)]
fn fraction_value(word: u64, digits: usize, places: usize) -> u64 {
    let values = word ^ 0x3030_3030_3030_3030;
    let kept = values & !u64::MAX.unbounded_shl(8 * digits as u32);
    let pairs = (kept & 0x0f0f_0f0f_0f0f_0f0f).wrapping_mul(2_561) >> 8;
    let fours = (pairs & 0x00ff_00ff_00ff_00ff).wrapping_mul(6_553_601) >> 16;
    let all = (fours & 0x0000_ffff_0000_ffff).wrapping_mul(42_949_672_960_001) >> 32;
    all / POWERS[8 - places]
}

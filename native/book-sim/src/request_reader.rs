use crate::decimal_request::{DecimalIntent, DecimalLevel, DecimalRequest, DecimalSnapshot};
use crate::js_text::is_named;
use crate::json::{Members, Value};
use crate::print::push_shortly;

/// Most sentences about one request.
const SENTENCES_MAX: usize = 3;
/// 2^53 − 1.
pub const SAFE_MAX: f64 = 9_007_199_254_740_991.0;

/// The shape of a request, or what is wrong with it: the first three different sentences.
pub fn decimal_request<'v>(value: Option<&'v Value<'_>>) -> Result<DecimalRequest<'v>, Vec<u8>> {
    let mut reader = Reader::default();
    match reader.request(value) {
        Some(request) if reader.sentences.is_empty() => Ok(request),
        _ => Err(reader.sentences.join(&b"; "[..])),
    }
}

/// Reads shapes, and keeps what does not fit with the path to it.
#[derive(Default)]
struct Reader<'v> {
    path: Vec<&'v [u8]>,
    sentences: Vec<Vec<u8>>,
}

/// What holds for a number.
#[derive(Clone, Copy)]
enum Kind {
    Any,
    Amount,
    Whole,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Any => "number",
            Self::Amount => "number ≥ 0",
            Self::Whole => "whole number ≥ 0",
        }
    }

    fn holds(self, x: f64) -> bool {
        match self {
            Self::Any => x.is_finite(),
            Self::Amount => x.is_finite() && x >= 0.0,
            Self::Whole => (0.0..=SAFE_MAX).contains(&x) && x.fract() == 0.0,
        }
    }
}

impl<'v> Reader<'v> {
    fn request(&mut self, value: Option<&'v Value<'_>>) -> Option<DecimalRequest<'v>> {
        let of = self.object(value, "request")?;
        let slippage_bps = self.number(of, "slippage_bps", Kind::Whole);
        let intents = self.list(of, "intents", "list of intents", Self::intent);
        let snapshots = self.snapshots(of);
        Some(DecimalRequest {
            slippage_bps: slippage_bps?,
            intents: intents?,
            snapshots: snapshots?,
        })
    }

    fn intent(&mut self, value: &'v Value<'_>) -> Option<DecimalIntent<'v>> {
        let of = self.object(Some(value), "intent")?;
        let intent_id = self.text(of, "intent_id");
        let token_id = self.text(of, "token_id");
        let market_id = self.text(of, "market_id");
        let is_buy = self.side(of);
        let order_type = self.text(of, "order_type");
        let limit_price = self.maybe(of, "limit_price", Kind::Any);
        let shares = self.maybe(of, "shares", Kind::Amount);
        let notional_usd = self.maybe(of, "notional_usd", Kind::Amount);
        Some(DecimalIntent {
            intent_id: intent_id?,
            token_id: token_id?,
            market_id: market_id?,
            is_buy: is_buy?,
            order_type: order_type?,
            limit_price: limit_price?,
            shares: shares?,
            notional_usd: notional_usd?,
        })
    }

    fn snapshots(&mut self, of: &'v Members<'_>) -> Option<Vec<DecimalSnapshot<'v>>> {
        self.path.push(b"snapshots");
        let members = self.object(field(of, "snapshots"), "snapshots by token");
        let read = members.map(|members| {
            let snapshots = members.iter().map(|(token, value)| {
                self.path.push(token);
                let snapshot = self.snapshot(token, value);
                self.path.pop();
                snapshot
            });
            // All of them are read, so that all that is wrong is said.
            snapshots.collect::<Vec<_>>().into_iter().collect()
        });
        self.path.pop();
        read?
    }

    fn snapshot(&mut self, token: &'v [u8], value: &'v Value<'_>) -> Option<DecimalSnapshot<'v>> {
        let of = self.object(Some(value), "snapshot")?;
        let market_id = self.text(of, "market_id");
        let best_bid = self.maybe(of, "best_bid", Kind::Amount);
        let best_ask = self.maybe(of, "best_ask", Kind::Amount);
        let min_order_size = self.maybe(of, "min_order_size", Kind::Amount);
        let tick_size = self.maybe(of, "tick_size", Kind::Amount);
        let bids = self.list(of, "bids", "list of levels", Self::level);
        let asks = self.list(of, "asks", "list of levels", Self::level);
        market_id?;
        Some(DecimalSnapshot {
            token,
            best_bid: best_bid?,
            best_ask: best_ask?,
            min_order_size: min_order_size?,
            tick_size: tick_size?,
            bids: bids?,
            asks: asks?,
        })
    }

    fn level(&mut self, value: &'v Value<'_>) -> Option<DecimalLevel> {
        let of = self.object(Some(value), "level")?;
        let price = self.number(of, "price", Kind::Amount);
        let size = self.number(of, "size", Kind::Amount);
        Some((price?, size?))
    }

    fn object<'a>(&mut self, value: Option<&'v Value<'a>>, name: &str) -> Option<&'v Members<'a>> {
        match value {
            Some(Value::Object(members)) => Some(members),
            _ => self.wrong(value, name),
        }
    }

    fn list<'a, T>(
        &mut self,
        of: &'v Members<'a>,
        key: &'static str,
        name: &str,
        read: impl Fn(&mut Self, &'v Value<'a>) -> Option<T>,
    ) -> Option<Vec<T>> {
        self.path.push(key.as_bytes());
        let items = match field(of, key) {
            Some(Value::List(items)) => {
                let mut all = Vec::with_capacity(items.len());
                all.extend(items.iter().filter_map(|item| read(self, item)));
                Some(all)
            }
            other => self.wrong(other, name),
        };
        self.path.pop();
        items
    }

    fn text(&mut self, of: &'v Members<'_>, key: &'static str) -> Option<&'v [u8]> {
        match field(of, key) {
            Some(Value::Text(text)) => Some(text),
            other => self.wrong_at(key, other, "string"),
        }
    }

    fn side(&mut self, of: &'v Members<'_>) -> Option<bool> {
        match field(of, "side") {
            Some(Value::Text(text)) if text.as_ref() == b"BUY" => Some(true),
            Some(Value::Text(text)) if text.as_ref() == b"SELL" => Some(false),
            other => self.wrong_at("side", other, "\"BUY\" or \"SELL\""),
        }
    }

    fn number(&mut self, of: &'v Members<'_>, key: &'static str, kind: Kind) -> Option<f64> {
        match field(of, key) {
            Some(Value::Number(x)) if kind.holds(*x) => Some(*x),
            other => self.wrong_at(key, other, kind.name()),
        }
    }

    /// The same, or nothing: missing and null mean the same.
    fn maybe(&mut self, of: &'v Members<'_>, key: &'static str, kind: Kind) -> Option<Option<f64>> {
        match field(of, key) {
            None | Some(Value::Null) => Some(None),
            _ => self.number(of, key, kind).map(Some),
        }
    }

    fn wrong_at<T>(
        &mut self,
        key: &'static str,
        value: Option<&Value<'_>>,
        expected: &str,
    ) -> Option<T> {
        self.path.push(key.as_bytes());
        let none = self.wrong(value, expected);
        self.path.pop();
        none
    }

    fn wrong<T>(&mut self, value: Option<&Value<'_>>, expected: &str) -> Option<T> {
        if self.sentences.len() < SENTENCES_MAX {
            let path: Vec<&[u8]> = self
                .path
                .iter()
                .copied()
                .filter(|key| is_named(key))
                .collect();
            let mut sentence = path.join(&b"."[..]);
            if sentence.is_empty() {
                sentence.extend_from_slice(b"value");
            }
            sentence.extend_from_slice(b" is ");
            push_shortly(&mut sentence, value);
            sentence.extend_from_slice(b", expected ");
            sentence.extend_from_slice(expected.as_bytes());
            if !self.sentences.contains(&sentence) {
                self.sentences.push(sentence);
            }
        }
        None
    }
}

fn field<'v, 'a>(of: &'v Members<'a>, key: &str) -> Option<&'v Value<'a>> {
    of.iter()
        .find(|(name, _)| name.as_ref() == key.as_bytes())
        .map(|(_, value)| value)
}

use crate::answer::{Answer, Event, Kind, LEAST_PART_PERCENT, Payload, millionths, push_answer};
use crate::js_text::is_space;
use crate::json::{Value, parse};
use crate::leg::{Leg, Options, fill_leg};
use crate::paper_books::PaperBooks;
use crate::print::push_text;
use crate::request::{Request, request_from};

/// Why a text has no answer: a sentence in generalised UTF-8.
#[derive(Debug)]
pub struct BadRequest(pub Vec<u8>);

/// The answer to a request that is one JSON text, as one JSON text.
///
/// # Errors
/// `invalid_request: …` where it is none, with what is wrong and where.
pub fn simulate_paper(text: &str, options: Options) -> Result<Vec<u8>, BadRequest> {
    let Some(spoken) = parse(text) else {
        return Err(BadRequest(b"invalid_request: not a JSON text".to_vec()));
    };
    let mut out = Vec::with_capacity(1_024);
    push_answer_to(&mut out, Some(&spoken), options).map_err(BadRequest)?;
    Ok(out)
}

/// The answer to one line `{id, payload}` of a conversation: `{id, ok, result, error}`. A malformed line has the id
/// `unknown`; a blank one has no answer.
pub fn answer_to_line(line: &str, options: Options) -> Option<Vec<u8>> {
    if line.chars().all(is_space) {
        return None;
    }
    let said = match parse(line) {
        Some(Value::Object(members)) => members,
        _ => Vec::new(),
    };
    let find = |key: &[u8]| {
        let found = said.iter().find(|(name, _)| name.as_ref() == key);
        found.map(|(_, value)| value)
    };
    let Some(Value::Text(id)) = find(b"id") else {
        let error = b"invalid_request: the line is not an object with a string id";
        return Some(failed(b"unknown", error));
    };
    let mut out = Vec::with_capacity(1_024);
    out.extend_from_slice(b"{\"id\":");
    push_text(&mut out, id);
    out.extend_from_slice(b",\"ok\":true,\"result\":");
    if let Err(error) = push_answer_to(&mut out, find(b"payload"), options) {
        return Some(failed(id, &error));
    }
    out.extend_from_slice(b",\"error\":null}");
    Some(out)
}

fn failed(id: &[u8], error: &[u8]) -> Vec<u8> {
    let mut out = b"{\"id\":".to_vec();
    push_text(&mut out, id);
    out.extend_from_slice(b",\"ok\":false,\"result\":null,\"error\":");
    push_text(&mut out, error);
    out.push(b'}');
    out
}

fn push_answer_to(
    out: &mut Vec<u8>,
    spoken: Option<&Value<'_>>,
    options: Options,
) -> Result<(), Vec<u8>> {
    let request = request_from(spoken).map_err(|why| [&b"invalid_request: "[..], &why].concat())?;
    push_answer(out, &simulated(request, options));
    Ok(())
}

fn simulated(request: Request<'_>, options: Options) -> Answer<'_> {
    let mut books = PaperBooks::new(request.snapshots);
    let mut legs: Vec<Leg<'_>> = Vec::with_capacity(request.intents.len());
    for intent in &request.intents {
        legs.push(fill_leg(intent, &mut books, request.slippage_bps, options));
    }
    let mut events: Vec<Event<'_>> = legs.iter().map(|leg| leg.event).collect();
    if options.guards_legs && legs.len() > 1 && legs.iter().any(is_short) {
        events.extend(legs.iter().filter(|leg| is_short(leg)).map(short_event));
        return Answer {
            fills: Vec::new(),
            events,
            capital: 0.0,
        };
    }
    let capital = legs.iter().fold(0.0, |sum, leg| sum + leg.notional);
    Answer {
        fills: legs.into_iter().filter_map(|leg| leg.fill).collect(),
        events,
        capital: millionths(capital),
    }
}

fn is_short(leg: &Leg<'_>) -> bool {
    let least = leg.requested as u128 * u128::from(LEAST_PART_PERCENT);
    leg.filled == 0.0 || (leg.filled as u128) * 100 < least
}

fn short_event<'v>(leg: &Leg<'v>) -> Event<'v> {
    let kind = if leg.filled > 0.0 {
        Kind::ShortInPart
    } else {
        Kind::ShortOfAll
    };
    let ratio = if leg.requested == 0.0 {
        0.0
    } else {
        (leg.filled * 1e6 / leg.requested).floor() / 1e6
    };
    let payload = Payload::Short {
        requested: millionths(leg.requested),
        filled: millionths(leg.filled),
        ratio,
    };
    Event::short(leg.event.intent_id, kind, payload)
}

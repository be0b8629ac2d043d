use std::cell::RefCell;

use neon::prelude::*;
use neon::types::JsFloat64Array;
use neon::types::buffer::TypedArray;
use polaris_book::{Change, Fault, Fold, Touched};
use polaris_wire::{
    Expected, Frame, FrameFault, FramesProgress, FramesStop, Message, RowSpans, Span, TokenIds,
    UNKNOWN, fold_frames, hot_message, read_frame,
};

use crate::fold_handle::{Shared, number};
use crate::numbers;
use crate::walks::with_fold;

/// Numbers before the tokens in what `frames` answers: `FRAMES_HEAD` in `engine/native/frames.ts`.
const HEAD: usize = 12;
/// Numbers per token: the token, best bid, best ask, bits of distrust.
const TOP: usize = 4;

/// Asset ids with the frame that is read by them.
#[derive(Default)]
pub struct Ids {
    ids: TokenIds,
    frame: Frame,
    /// What a message is told in.
    flat: Vec<f64>,
}

impl Finalize for Ids {}

type SharedIds = JsBox<RefCell<Ids>>;

/// `tokenIds()`
pub fn token_ids(mut cx: FunctionContext) -> JsResult<SharedIds> {
    Ok(cx.boxed(RefCell::new(Ids::default())))
}

/// `registerToken(ids, id, token)`: whether a frame can carry that id.
pub fn register_token(mut cx: FunctionContext) -> JsResult<JsBoolean> {
    let shared = cx.argument::<SharedIds>(0)?;
    let id = cx.argument::<JsString>(1)?.value(&mut cx);
    let token = numbers::whole(number(&mut cx, 2)?);
    let is_known =
        token.is_some_and(|token| shared.borrow_mut().ids.register(id.as_bytes(), token));
    Ok(cx.boolean(is_known))
}

/// `frames(fold, ids, bytes, out, ends)`: `out` says where the first frame begins, how many of `ends` there are, and the
/// mark; below 0 of them, a frame ends with its line. An argument costs more than a number, so few cross.
pub fn frames(mut cx: FunctionContext) -> JsResult<JsUndefined> {
    let shared = cx.argument::<Shared>(0)?;
    let ids = cx.argument::<SharedIds>(1)?;
    let bytes = cx.argument::<JsUint8Array>(2)?;
    let mut out = cx.argument::<JsFloat64Array>(3)?;
    let [start, count, mark] = match out.as_slice(&cx) {
        [start, count, mark, ..] => [*start, *count, *mark],
        _ => return cx.throw_range_error("an answer that holds no head"),
    };
    let ends = if count < 0.0 {
        None
    } else {
        Some(cx.argument::<JsFloat64Array>(4)?)
    };
    let progress = {
        let ends = ends.as_ref().map(|ends| ends.as_slice(&cx));
        let ends = ends.map(|ends| ends.get(..count as usize).unwrap_or(ends));
        let Ids { ids, frame, .. } = &mut *ids.borrow_mut();
        let bytes = bytes.as_slice(&cx);
        with_fold(&shared, Some(mark), |fold, touched| {
            fold_frames((bytes, start as usize), ends, (ids, frame), fold, touched)
        })
    };
    let out = out.as_mut_slice(&mut cx);
    with_fold(&shared, None, |fold, touched| {
        tell(&progress, touched, out);
        tell_touched(fold, touched, out);
    });
    Ok(cx.undefined())
}

/// `framesTouched(fold, out)`: what the last call touched once more, behind the head that is left as it is.
pub fn frames_touched(mut cx: FunctionContext) -> JsResult<JsUndefined> {
    let shared = cx.argument::<Shared>(0)?;
    let mut out = cx.argument::<JsFloat64Array>(1)?;
    let out = out.as_mut_slice(&mut cx);
    with_fold(&shared, None, |fold, touched| {
        tell_touched(fold, touched, out);
    });
    Ok(cx.undefined())
}

/// `readFrame(ids, bytes)`: all that a frame says, as the tests compare it.
pub fn read_whole(mut cx: FunctionContext) -> JsResult<JsFloat64Array> {
    let ids = cx.argument::<SharedIds>(0)?;
    let bytes = cx.argument::<JsUint8Array>(1)?;
    let flat = {
        let Ids { ids, frame, .. } = &mut *ids.borrow_mut();
        let fault = read_frame(bytes.as_slice(&cx), ids, frame).err();
        flat_of(frame, fault)
    };
    JsFloat64Array::from_slice(&mut cx, &flat)
}

fn tell(progress: &FramesProgress, touched: &Touched, out: &mut [f64]) {
    let (code, about, at) = match progress.stop {
        FramesStop::End => (0, 0.0, 0),
        FramesStop::Fault(Fault::Unlisted(token)) => (1, token as f64, 0),
        FramesStop::Fault(Fault::NotATick(tick)) => (2, f64::from(tick), 0),
        FramesStop::Malformed(FrameFault { at, expected }) => (7, number_of(expected), at),
    };
    let head: [f64; HEAD] = [
        f64::from(code),
        about,
        touched.tokens.len() as f64,
        touched.notices.len() as f64,
        touched.fired.len() as f64,
        progress.next as f64,
        progress.frames as f64,
        progress.changes as f64,
        progress.unfolded.unknown as f64,
        progress.unfolded.unfit as f64,
        progress.t_us as f64,
        at as f64,
    ];
    if let Some(first) = out.first_chunk_mut::<HEAD>() {
        *first = head;
    }
}

/// Writes tokens, notices and triggers behind the head if they all fit.
fn tell_touched(fold: &Fold, touched: &Touched, out: &mut [f64]) {
    let needed =
        touched.tokens.len() * TOP + touched.notices.len() * numbers::NOTICE + touched.fired.len();
    let Some(rest) = out.get_mut(HEAD..).filter(|rest| rest.len() >= needed) else {
        return;
    };
    let tops = touched.tokens.iter().flat_map(|&token| {
        let top = fold.book(token).map(|book| {
            let [bid, ask] = [book.best_bid(), book.best_ask()].map(f64::from);
            [bid, ask, f64::from(book.distrust)]
        });
        let [bid, ask, distrust] = top.unwrap_or_default();
        [token as f64, bid, ask, distrust]
    });
    let notices = touched.notices.iter().flat_map(numbers::notice);
    let fired = touched.fired.iter().map(|&id| f64::from(id));
    rest.iter_mut()
        .zip(tops.chain(notices).chain(fired))
        .for_each(|(to, number)| *to = number);
}

/// `readMessage(ids, bytes, at, out)`: the `price_change` at a place, in the form of today and of registered tokens: the place behind it,
/// −1 for anything else, and for one that `out` has no room for. `out` takes the numbers of the message, how many rows there are, and
/// each row with its places.
pub fn read_message(mut cx: FunctionContext) -> JsResult<JsNumber> {
    let ids = cx.argument::<SharedIds>(0)?;
    let bytes = cx.argument::<JsUint8Array>(1)?;
    let at = number(&mut cx, 2)? as usize;
    let mut out = cx.argument::<JsFloat64Array>(3)?;
    let Ids { ids, frame, flat } = &mut *ids.borrow_mut();
    frame.restart();
    let behind = hot_message(bytes.as_slice(&cx), at, ids, frame);
    flat.clear();
    if let (Some(_), Some(one)) = (behind, frame.messages.last()) {
        message(one, flat);
        flat.push(frame.rows.len() as f64);
        for (row, spans) in frame.rows.iter().zip(&frame.spans) {
            change(row, spans, flat);
        }
    }
    let has_room = match out.as_mut_slice(&mut cx).get_mut(..flat.len()) {
        Some(room) => {
            room.copy_from_slice(flat);
            true
        }
        None => false,
    };
    let behind = behind
        .filter(|_| has_room)
        .map_or(-1.0, |behind| behind as f64);
    Ok(cx.number(behind))
}

/// Fault and its place, flags, counts of messages and rows; then these, as `engine/feeds/polymarket/decode/frame.ts` has them.
fn flat_of(frame: &Frame, fault: Option<FrameFault>) -> Vec<f64> {
    let mut flat = vec![
        fault.map_or(0.0, |fault| number_of(fault.expected)),
        fault.map_or(0.0, |fault| fault.at as f64),
        f64::from(u8::from(frame.is_plain)),
        f64::from(u8::from(frame.is_odd)),
        frame.messages.len() as f64,
        frame.rows.len() as f64,
    ];
    frame
        .messages
        .iter()
        .for_each(|one| message(one, &mut flat));
    for (row, spans) in frame.rows.iter().zip(&frame.spans) {
        change(row, spans, &mut flat);
    }
    flat
}

fn message(of: &Message, flat: &mut Vec<f64>) {
    let (row, rows) = (f64::from(of.row), f64::from(of.rows));
    let kind = f64::from(of.kind as u8);
    flat.extend([kind, of.t_us as f64, row, rows, token(of.asset_token)]);
    for span in [of.whole, of.market, of.timestamp, of.hash, of.transaction] {
        flat.extend(ends(span));
    }
}

fn change(of: &Change, spans: &RowSpans, flat: &mut Vec<f64>) {
    let (side, price) = (f64::from(of.side as u8), f64::from(of.price));
    let (bid, ask) = (f64::from(of.bid), f64::from(of.ask));
    flat.extend([token(of.token), side, price, of.size as f64, bid, ask]);
    for span in [spans.asset, spans.price, spans.size, spans.hash] {
        flat.extend(ends(span));
    }
    flat.push(f64::from(spans.unfit));
}

fn ends(span: Span) -> [f64; 2] {
    [f64::from(span.start), f64::from(span.end)]
}

fn token(token: u64) -> f64 {
    if token == UNKNOWN { -1.0 } else { token as f64 }
}

fn number_of(expected: Expected) -> f64 {
    f64::from(expected as u8)
}

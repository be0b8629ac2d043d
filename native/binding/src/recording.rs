use std::cell::RefCell;

use neon::prelude::*;
use neon::types::buffer::TypedArray;
use neon::types::{JsFloat64Array, JsUint32Array};
use polaris_wire::{Frame, HashedBook, LineText, Tokens, WalkFrom, walk_frames};

use crate::answer::Answer;
use crate::fold_handle::{number, shared, tell};
use crate::numbers;
use crate::walks::with_fold;

/// What recordings are walked over with.
#[derive(Default)]
pub struct Walker {
    tokens: Tokens,
    frame: Frame,
}

impl Finalize for Walker {}

type SharedWalker = JsBox<RefCell<Walker>>;

/// `frameWalker()`
pub fn walker(mut cx: FunctionContext) -> JsResult<SharedWalker> {
    Ok(cx.boxed(RefCell::new(Walker::default())))
}

/// `walkerToken(walker, id, token)`: whether a message can name that id as it stands.
pub fn token(mut cx: FunctionContext) -> JsResult<JsBoolean> {
    let walker = cx.argument::<SharedWalker>(0)?;
    let id = cx.argument::<JsString>(1)?.value(&mut cx);
    let token = numbers::small(number(&mut cx, 2)?);
    let is_known =
        token.is_some_and(|token| walker.borrow_mut().tokens.register(id.as_bytes(), token));
    Ok(cx.boolean(is_known))
}

/// `walkerLeave(walker, token, isUnsupported)`
pub fn leave(mut cx: FunctionContext) -> JsResult<JsUndefined> {
    let walker = cx.argument::<SharedWalker>(0)?;
    let token = numbers::small(number(&mut cx, 1)?);
    let is_unsupported = cx.argument::<JsBoolean>(2)?.value(&mut cx);
    if let Some(token) = token {
        walker.borrow_mut().tokens.leave(token, is_unsupported);
    }
    Ok(cx.undefined())
}

/// `walkerLend(walker, token, at, bids, levels)`: `at` orders all levels, of which so many are bids; their texts, a line each.
pub fn lend(mut cx: FunctionContext) -> JsResult<JsUndefined> {
    let walker = cx.argument::<SharedWalker>(0)?;
    let token = numbers::small(number(&mut cx, 1)?);
    let at = cx.argument::<JsFloat64Array>(2)?;
    let bids = number(&mut cx, 3)? as usize;
    let levels = cx.argument::<JsString>(4)?.value(&mut cx);
    let at = at.as_slice(&cx);
    let mut all = at.iter().copied().zip(levels.lines().map(str::as_bytes));
    let (bids, asks): (Vec<_>, Vec<_>) = (all.by_ref().take(bids).collect(), all.collect());
    if let Some(token) = token {
        let book = HashedBook::new([bids, asks].map(Vec::into_iter));
        walker.borrow_mut().tokens.lend(token, book);
    }
    Ok(cx.undefined())
}

/// `walkerTell(walker, token, head, tail)`
pub fn told(mut cx: FunctionContext) -> JsResult<JsUndefined> {
    let walker = cx.argument::<SharedWalker>(0)?;
    let token = numbers::small(number(&mut cx, 1)?);
    let head = cx.argument::<JsString>(2)?.value(&mut cx);
    let tail = cx.argument::<JsString>(3)?.value(&mut cx);
    if let Some(token) = token {
        let tokens = &mut walker.borrow_mut().tokens;
        tokens.tell(token, head.as_bytes(), tail.as_bytes());
    }
    Ok(cx.undefined())
}

/// `walkerRecall(walker, token)`: bids, a line feed, asks; nothing where it was not lent.
pub fn recall(mut cx: FunctionContext) -> JsResult<JsValue> {
    let walker = cx.argument::<SharedWalker>(0)?;
    let token = numbers::small(number(&mut cx, 1)?);
    let book = token.and_then(|token| walker.borrow_mut().tokens.recall(token));
    let Some(book) = book else {
        return Ok(cx.undefined().upcast());
    };
    let both = [book.text(0), b"\n", book.text(1)].concat();
    Ok(cx.string(String::from_utf8_lossy(&both)).upcast())
}

/// `walkFrames(fold, walker, bytes, lines, ends, place, out)`: `place` says where to begin and takes where it ended, as
/// `PLACE` in `engine/native/frame-walk.ts` lists them.
pub fn walk(mut cx: FunctionContext) -> JsResult<JsUndefined> {
    let fold = shared(&mut cx)?;
    let walker = cx.argument::<SharedWalker>(1)?;
    let bytes = cx.argument::<JsUint8Array>(2)?;
    let mut lines = cx.argument::<JsUint8Array>(3)?;
    let mut ends = cx.argument::<JsUint32Array>(4)?;
    let mut place = cx.argument::<JsFloat64Array>(5)?;
    let &[
        at,
        lists,
        seq,
        t_us,
        due_us,
        mark,
        is_told,
        checks,
        stamp_us,
        bound_us,
        latest_us,
        ..,
    ] = place.as_slice(&cx)
    else {
        return cx.throw_range_error("a place without its numbers");
    };
    let from = WalkFrom {
        at: at as usize,
        lists: lists as u64,
        seq: seq as u64,
        t_us: t_us as u64,
        due_us,
        is_told: is_told != 0.0,
        checks: checks as u64,
        stamp_us,
        bound_us,
        latest_us,
    };
    let walked = {
        let lock = cx.lock();
        let (Ok(bytes), Ok(mut lines), Ok(mut ends)) = (
            bytes.try_borrow(&lock),
            lines.try_borrow_mut(&lock),
            ends.try_borrow_mut(&lock),
        ) else {
            drop(lock);
            return cx.throw_error("Invariant: lines are written beside what is read");
        };
        let Walker { tokens, frame } = &mut *walker.borrow_mut();
        let mut text = LineText::new(&mut lines);
        with_fold(&fold, Some(mark), |fold, touched| {
            walk_frames(
                &bytes,
                from,
                (tokens, frame),
                (fold, touched),
                (&mut text, &mut ends),
            )
        })
    };
    let told = [
        walked.lists,
        walked.feeds,
        walked.length as u64,
        walked.checked,
    ];
    let [lists, feeds, length, checked] = told.map(|number| number as f64);
    let told = [lists, feeds, length, checked, walked.stamp_us];
    if let Some(first) = place.as_mut_slice(&mut cx).first_chunk_mut() {
        *first = told;
    }
    tell(&mut cx, 6, &Answer::recording(&walked))
}

use neon::prelude::*;
use neon::types::JsFloat64Array;
use neon::types::buffer::TypedArray;
use polaris_book::Interest;

use crate::answer::{Answer, Code};
use crate::fold_handle::{FoldHandle, apply, number, shared, tell};
use crate::numbers;

/// `list(fold, token, tick, mark, out)`
pub fn list(mut cx: FunctionContext) -> JsResult<JsUndefined> {
    let (token, tick) = (number(&mut cx, 1)?, number(&mut cx, 2)?);
    apply(&mut cx, 3, |handle| {
        let (Some(token), Some(tick)) = (numbers::whole(token), numbers::small(tick)) else {
            return Answer::out_of_range();
        };
        Answer::result(handle.fold.list(token, tick))
    })
}

/// `change(fold, changes, length, tUs, mark, out)`
pub fn change(mut cx: FunctionContext) -> JsResult<JsUndefined> {
    let flat = cx.argument::<JsFloat64Array>(1)?;
    let (length, t_us) = (number(&mut cx, 2)? as usize, number(&mut cx, 3)?);
    let read = {
        let shared = shared(&mut cx)?;
        let mut handle = shared.borrow_mut();
        let flat = flat.as_slice(&cx);
        flat.get(..length)
            .and_then(|flat| numbers::changes(flat, &mut handle.changes))
    };
    apply(
        &mut cx,
        4,
        |FoldHandle {
             fold,
             touched,
             changes,
             ..
         }| match read {
            Some(()) => Answer::result(fold.change(changes, t_us, touched)),
            None => Answer::out_of_range(),
        },
    )
}

/// `snapshot(fold, token, levels, bids, length, tUs, mark, out)`: `bids` of the `length` numbers are bid levels.
pub fn snapshot(mut cx: FunctionContext) -> JsResult<JsUndefined> {
    let token = number(&mut cx, 1)?;
    let flat = cx.argument::<JsFloat64Array>(2)?;
    let (bids, length) = (number(&mut cx, 3)? as usize, number(&mut cx, 4)? as usize);
    let t_us = number(&mut cx, 5)?;
    let sides = {
        let both = flat
            .as_slice(&cx)
            .get(..length)
            .and_then(|flat| flat.split_at_checked(bids));
        both.and_then(|(bids, asks)| Some((numbers::levels(bids)?, numbers::levels(asks)?)))
    };
    apply(&mut cx, 6, |FoldHandle { fold, touched, .. }| {
        match (numbers::whole(token), sides) {
            (Some(token), Some((bids, asks))) => {
                Answer::result(fold.snapshot(token, [&bids, &asks], t_us, touched))
            }
            _ => Answer::out_of_range(),
        }
    })
}

/// `regrid(fold, token, tick, mark, out)`
pub fn regrid(mut cx: FunctionContext) -> JsResult<JsUndefined> {
    let (token, tick) = (number(&mut cx, 1)?, number(&mut cx, 2)?);
    apply(&mut cx, 3, |FoldHandle { fold, touched, .. }| {
        match (numbers::whole(token), numbers::small(tick)) {
            (Some(token), Some(tick)) => Answer::result(fold.regrid(token, tick, touched)),
            _ => Answer::out_of_range(),
        }
    })
}

/// `distrust(fold, token, bit, mark, out)`
pub fn distrust(mut cx: FunctionContext) -> JsResult<JsUndefined> {
    let (token, bit) = (number(&mut cx, 1)?, number(&mut cx, 2)?);
    apply(&mut cx, 3, |FoldHandle { fold, touched, .. }| {
        match (numbers::whole(token), numbers::small(bit)) {
            (Some(token), Some(bit)) => Answer::result(fold.distrust(token, bit, touched)),
            _ => Answer::out_of_range(),
        }
    })
}

/// `restoreTrust(fold, token, bit, mark, out)`
pub fn restore_trust(mut cx: FunctionContext) -> JsResult<JsUndefined> {
    let (token, bit) = (number(&mut cx, 1)?, number(&mut cx, 2)?);
    apply(&mut cx, 3, |FoldHandle { fold, touched, .. }| {
        match (numbers::whole(token), numbers::small(bit)) {
            (Some(token), Some(bit)) => Answer::result(fold.restore_trust(token, bit, touched)),
            _ => Answer::out_of_range(),
        }
    })
}

/// `distrustAll(fold, bit, mark, out)`
pub fn distrust_all(mut cx: FunctionContext) -> JsResult<JsUndefined> {
    let bit = number(&mut cx, 1)?;
    apply(
        &mut cx,
        2,
        |FoldHandle { fold, touched, .. }| match numbers::small(bit) {
            Some(bit) => {
                fold.distrust_all(bit, touched);
                Answer::of(Code::Done, 0.0)
            }
            None => Answer::out_of_range(),
        },
    )
}

/// `setTrigger(fold, id, test, limit, tokens, mark, out)`
pub fn set_trigger(mut cx: FunctionContext) -> JsResult<JsUndefined> {
    let (id, test) = (number(&mut cx, 1)?, number(&mut cx, 2)?);
    let limit = number(&mut cx, 3)?;
    let tokens: Option<Vec<u64>> = {
        let flat = cx.argument::<JsFloat64Array>(4)?;
        let flat = flat.as_slice(&cx);
        flat.iter().map(|&token| numbers::whole(token)).collect()
    };
    apply(&mut cx, 5, |FoldHandle { fold, .. }| {
        match (numbers::small(id), numbers::test(test, limit), tokens) {
            (Some(id), Some(test), Some(tokens)) => {
                Answer::result(fold.set_trigger(id, test, &tokens))
            }
            _ => Answer::out_of_range(),
        }
    })
}

/// `dropTrigger(fold, id)`
pub fn drop_trigger(mut cx: FunctionContext) -> JsResult<JsUndefined> {
    let id = number(&mut cx, 1)?;
    if let Some(id) = numbers::small(id) {
        shared(&mut cx)?.borrow_mut().fold.drop_trigger(id);
    }
    Ok(cx.undefined())
}

/// `setInterest(fold, token, bits, levels, mark, out)`: bit 1 is whole, bit 2 trades; side and price of each level in turn.
pub fn set_interest(mut cx: FunctionContext) -> JsResult<JsUndefined> {
    let (token, bits) = (number(&mut cx, 1)?, number(&mut cx, 2)?);
    let levels = {
        let flat = cx.argument::<JsFloat64Array>(3)?;
        numbers::places(flat.as_slice(&cx))
    };
    apply(&mut cx, 4, |FoldHandle { fold, .. }| {
        match (numbers::whole(token), numbers::small(bits), levels) {
            (Some(token), Some(bits @ 0..=3), Some(levels)) => {
                let interest = Interest::new(bits & 1 != 0, bits & 2 != 0, &levels);
                Answer::result(fold.set_interest(token, interest))
            }
            _ => Answer::out_of_range(),
        }
    })
}

/// `report(fold, out)`: what the last call touched once more, into an array that holds it.
pub fn report(mut cx: FunctionContext) -> JsResult<JsUndefined> {
    tell(&mut cx, 1, &Answer::of(Code::Done, 0.0))
}

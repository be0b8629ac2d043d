use std::cell::RefCell;

use neon::prelude::*;
use neon::types::JsFloat64Array;
use neon::types::buffer::TypedArray;
use polaris_book::{Change, Fold, Interest, Touched};
use polaris_wire::Decoder;

use crate::answer::{Answer, Code};
use crate::numbers;

/// A fold with what it works with.
#[derive(Default)]
pub struct Door {
    pub fold: Fold,
    pub touched: Touched,
    pub decoder: Decoder,
    changes: Vec<Change>,
}

impl Finalize for Door {}

/// A fold as it crosses.
pub type Shared = JsBox<RefCell<Door>>;

/// `create()`
pub fn create(mut cx: FunctionContext) -> JsResult<Shared> {
    Ok(cx.boxed(RefCell::new(Door::default())))
}

/// `list(fold, token, tick, mark, out)`
pub fn list(mut cx: FunctionContext) -> JsResult<JsUndefined> {
    let (token, tick) = (number(&mut cx, 1)?, number(&mut cx, 2)?);
    apply(&mut cx, 3, |door| {
        let (Some(token), Some(tick)) = (numbers::whole(token), numbers::small(tick)) else {
            return Answer::out_of_range();
        };
        Answer::result(door.fold.list(token, tick))
    })
}

/// `change(fold, changes, length, tUs, mark, out)`
pub fn change(mut cx: FunctionContext) -> JsResult<JsUndefined> {
    let flat = cx.argument::<JsFloat64Array>(1)?;
    let (length, t_us) = (number(&mut cx, 2)? as usize, number(&mut cx, 3)?);
    let read = {
        let shared = shared(&mut cx)?;
        let mut door = shared.borrow_mut();
        let flat = flat.as_slice(&cx);
        flat.get(..length)
            .and_then(|flat| numbers::changes(flat, &mut door.changes))
    };
    apply(
        &mut cx,
        4,
        |Door {
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
    apply(&mut cx, 6, |Door { fold, touched, .. }| {
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
    apply(&mut cx, 3, |Door { fold, touched, .. }| {
        match (numbers::whole(token), numbers::small(tick)) {
            (Some(token), Some(tick)) => Answer::result(fold.regrid(token, tick, touched)),
            _ => Answer::out_of_range(),
        }
    })
}

/// `distrust(fold, token, bit, mark, out)`
pub fn distrust(mut cx: FunctionContext) -> JsResult<JsUndefined> {
    let (token, bit) = (number(&mut cx, 1)?, number(&mut cx, 2)?);
    apply(&mut cx, 3, |Door { fold, touched, .. }| {
        match (numbers::whole(token), numbers::small(bit)) {
            (Some(token), Some(bit)) => Answer::result(fold.distrust(token, bit, touched)),
            _ => Answer::out_of_range(),
        }
    })
}

/// `restoreTrust(fold, token, bit, mark, out)`
pub fn restore_trust(mut cx: FunctionContext) -> JsResult<JsUndefined> {
    let (token, bit) = (number(&mut cx, 1)?, number(&mut cx, 2)?);
    apply(&mut cx, 3, |Door { fold, touched, .. }| {
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
        |Door { fold, touched, .. }| match numbers::small(bit) {
            Some(bit) => {
                fold.distrust_all(bit, touched);
                Answer::of(Code::Done, 0.0)
            }
            None => Answer::out_of_range(),
        },
    )
}

/// `watch(fold, id, test, limit, tokens, mark, out)`
pub fn watch(mut cx: FunctionContext) -> JsResult<JsUndefined> {
    let (id, test) = (number(&mut cx, 1)?, number(&mut cx, 2)?);
    let limit = number(&mut cx, 3)?;
    let tokens: Option<Vec<u64>> = {
        let flat = cx.argument::<JsFloat64Array>(4)?;
        let flat = flat.as_slice(&cx);
        flat.iter().map(|&token| numbers::whole(token)).collect()
    };
    apply(&mut cx, 5, |Door { fold, .. }| {
        match (numbers::small(id), numbers::test(test, limit), tokens) {
            (Some(id), Some(test), Some(tokens)) => Answer::result(fold.watch(id, test, &tokens)),
            _ => Answer::out_of_range(),
        }
    })
}

/// `unwatch(fold, id)`
pub fn unwatch(mut cx: FunctionContext) -> JsResult<JsUndefined> {
    let id = number(&mut cx, 1)?;
    if let Some(id) = numbers::small(id) {
        shared(&mut cx)?.borrow_mut().fold.unwatch(id);
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
    apply(&mut cx, 4, |Door { fold, .. }| {
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

/// `distrustOf(fold, token)`: −1 for a token that was never listed.
pub fn distrust_of(mut cx: FunctionContext) -> JsResult<JsNumber> {
    let token = number(&mut cx, 1)?;
    let bits = with_book(&mut cx, token, |book| f64::from(book.distrust))?;
    Ok(cx.number(bits.unwrap_or(-1.0)))
}

/// `top(fold, token, out)`: best bid and ask, tick, time; false for a token that was never listed.
pub fn top(mut cx: FunctionContext) -> JsResult<JsBoolean> {
    let token = number(&mut cx, 1)?;
    let found = with_book(&mut cx, token, numbers::top)?;
    if let Some(row) = found {
        write(&mut cx, 2, &row)?;
    }
    Ok(cx.boolean(found.is_some()))
}

/// `sizeAt(fold, token, side, price)`
pub fn size_at(mut cx: FunctionContext) -> JsResult<JsNumber> {
    let (token, side, price) = (
        number(&mut cx, 1)?,
        number(&mut cx, 2)?,
        number(&mut cx, 3)?,
    );
    let size = with_book(&mut cx, token, |book| {
        let (side, price) = (numbers::side(side)?, numbers::small(price)?);
        Some(book.side(side).size_at(price) as f64)
    })?;
    Ok(cx.number(size.flatten().unwrap_or(0.0)))
}

/// `levels(fold, token, side)`: price and size in turn, best first.
pub fn levels(mut cx: FunctionContext) -> JsResult<JsFloat64Array> {
    let (token, side) = (number(&mut cx, 1)?, number(&mut cx, 2)?);
    let flat = with_book(&mut cx, token, |book| {
        let levels = book.side(numbers::side(side)?).levels();
        Some(
            levels
                .flat_map(|(price, size)| [f64::from(price), size as f64])
                .collect::<Vec<_>>(),
        )
    })?;
    JsFloat64Array::from_slice(&mut cx, &flat.flatten().unwrap_or_default())
}

/// `stats(fold, out)`
pub fn stats(mut cx: FunctionContext) -> JsResult<JsUndefined> {
    let row = numbers::stats(shared(&mut cx)?.borrow().fold.stats());
    write(&mut cx, 1, &row)?;
    Ok(cx.undefined())
}

/// `save(fold)`: statistics, then the books.
pub fn save(mut cx: FunctionContext) -> JsResult<JsFloat64Array> {
    let flat = {
        let shared = shared(&mut cx)?;
        let door = shared.borrow();
        let mut flat = numbers::stats(door.fold.stats()).to_vec();
        for book in door.fold.save() {
            numbers::save(&book, &mut flat);
        }
        flat
    };
    JsFloat64Array::from_slice(&mut cx, &flat)
}

/// `load(fold, saved, mark, out)`
pub fn load(mut cx: FunctionContext) -> JsResult<JsUndefined> {
    let flat = cx.argument::<JsFloat64Array>(1)?;
    let saved = flat
        .as_slice(&cx)
        .split_first_chunk::<7>()
        .and_then(|(stats, books)| {
            Some((numbers::stats_from(stats)?, numbers::books_from(books)?))
        });
    apply(&mut cx, 2, |door| match &saved {
        Some((stats, books)) => Answer::result(door.fold.load(*stats, books)),
        None => Answer::out_of_range(),
    })
}

/// Calls the fold with the mark at argument `at`, and tells what that did into the array behind it.
fn apply<'cx>(
    cx: &mut FunctionContext<'cx>,
    at: usize,
    call: impl FnOnce(&mut Door) -> Answer,
) -> JsResult<'cx, JsUndefined> {
    let mark = number(cx, at)?;
    let answer = {
        let shared = shared(cx)?;
        let mut door = shared.borrow_mut();
        door.touched.restart(mark);
        let answer = call(&mut door);
        let Door { fold, touched, .. } = &mut *door;
        fold.look(touched);
        answer
    };
    tell(cx, at + 1, &answer)
}

/// Tells what the last call touched, and how it ended.
pub fn tell<'cx>(
    cx: &mut FunctionContext<'cx>,
    at: usize,
    answer: &Answer,
) -> JsResult<'cx, JsUndefined> {
    let mut out = cx.argument::<JsFloat64Array>(at)?;
    let shared = shared(cx)?;
    answer.tell(&shared.borrow().touched, out.as_mut_slice(cx));
    Ok(cx.undefined())
}

/// Writes numbers into the array at an argument.
pub fn write<'cx>(cx: &mut FunctionContext<'cx>, at: usize, row: &[f64]) -> NeonResult<()> {
    let mut out = cx.argument::<JsFloat64Array>(at)?;
    out.as_mut_slice(cx)
        .iter_mut()
        .zip(row)
        .for_each(|(to, number)| *to = *number);
    Ok(())
}

fn with_book<T>(
    cx: &mut FunctionContext<'_>,
    token: f64,
    read: impl FnOnce(&polaris_book::Book) -> T,
) -> NeonResult<Option<T>> {
    let shared = shared(cx)?;
    let door = shared.borrow();
    Ok(numbers::whole(token)
        .and_then(|token| door.fold.book(token))
        .map(read))
}

/// The number at an argument.
pub fn number(cx: &mut FunctionContext<'_>, at: usize) -> NeonResult<f64> {
    Ok(cx.argument::<JsNumber>(at)?.value(cx))
}

/// The fold at the first argument.
pub fn shared<'cx>(cx: &mut FunctionContext<'cx>) -> NeonResult<Handle<'cx, Shared>> {
    cx.argument(0)
}

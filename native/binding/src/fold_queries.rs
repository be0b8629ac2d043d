use neon::prelude::*;
use neon::types::JsFloat64Array;
use neon::types::buffer::TypedArray;

use crate::answer::Answer;
use crate::fold_handle::{apply, number, shared, write};
use crate::numbers;

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
        let handle = shared.borrow();
        let mut flat = numbers::stats(handle.fold.stats()).to_vec();
        for book in handle.fold.save() {
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
    apply(&mut cx, 2, |handle| match &saved {
        Some((stats, books)) => Answer::result(handle.fold.load(*stats, books)),
        None => Answer::out_of_range(),
    })
}

fn with_book<T>(
    cx: &mut FunctionContext<'_>,
    token: f64,
    read: impl FnOnce(&polaris_book::Book) -> T,
) -> NeonResult<Option<T>> {
    let shared = shared(cx)?;
    let handle = shared.borrow();
    Ok(numbers::whole(token)
        .and_then(|token| handle.fold.book(token))
        .map(read))
}

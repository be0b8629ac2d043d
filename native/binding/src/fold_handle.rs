use std::cell::RefCell;

use neon::prelude::*;
use neon::types::JsFloat64Array;
use neon::types::buffer::TypedArray;
use polaris_book::{Change, Fold, Touched};
use polaris_wire::Decoder;

use crate::answer::Answer;

/// A fold with what it works with.
#[derive(Default)]
pub struct FoldHandle {
    pub fold: Fold,
    pub touched: Touched,
    pub decoder: Decoder,
    /// Scratch space: the level changes of one call.
    pub changes: Vec<Change>,
}

impl Finalize for FoldHandle {}

/// A fold as it crosses.
pub type Shared = JsBox<RefCell<FoldHandle>>;

/// `create()`
pub fn create(mut cx: FunctionContext) -> JsResult<Shared> {
    Ok(cx.boxed(RefCell::new(FoldHandle::default())))
}

/// Calls the fold with the mark at argument `at`, and tells what that did into the array behind it.
pub fn apply<'cx>(
    cx: &mut FunctionContext<'cx>,
    at: usize,
    call: impl FnOnce(&mut FoldHandle) -> Answer,
) -> JsResult<'cx, JsUndefined> {
    let mark = number(cx, at)?;
    let answer = {
        let shared = shared(cx)?;
        let mut handle = shared.borrow_mut();
        handle.touched.restart(mark);
        let answer = call(&mut handle);
        let FoldHandle { fold, touched, .. } = &mut *handle;
        fold.evaluate(touched);
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

/// The number at an argument.
pub fn number(cx: &mut FunctionContext<'_>, at: usize) -> NeonResult<f64> {
    Ok(cx.argument::<JsNumber>(at)?.value(cx))
}

/// The fold at the first argument.
pub fn shared<'cx>(cx: &mut FunctionContext<'cx>) -> NeonResult<Handle<'cx, Shared>> {
    cx.argument(0)
}

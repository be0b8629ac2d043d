use neon::prelude::*;
use neon::types::buffer::TypedArray;
use polaris_book::{Fold, Touched};
use polaris_wire::{Asked, Decoder, Progress, Turns, fold_lines, walk_turns};

use crate::answer::Answer;
use crate::door::{Door, Shared, number, shared, tell};
use crate::scan::{SharedScan, with_block};

/// `lines(fold, bytes, start, until, isProven, mark, out)`
pub fn lines(mut cx: FunctionContext) -> JsResult<JsUndefined> {
    let bytes = cx.argument::<JsUint8Array>(1)?;
    let (start, until) = (number(&mut cx, 2)? as usize, number(&mut cx, 3)? as u64);
    let is_proven = cx.argument::<JsBoolean>(4)?.value(&mut cx);
    let mark = number(&mut cx, 5)?;
    let asked = Asked {
        start,
        until,
        is_proven,
    };
    let shared = shared(&mut cx)?;
    let bytes = bytes.as_slice(&cx);
    let progress = over(&shared, mark, |walker, touched| {
        fold_lines(walker, bytes, asked, touched)
    });
    tell(&mut cx, 6, &Answer::walked(&progress))
}

/// `scanFold(fold, scan, start, until, mark, out)`: as `lines`, over the block that a scan stands at.
pub fn scan_fold(mut cx: FunctionContext) -> JsResult<JsUndefined> {
    let scan = cx.argument::<SharedScan>(1)?;
    let asked = Asked {
        start: number(&mut cx, 2)? as usize,
        until: number(&mut cx, 3)? as u64,
        is_proven: true,
    };
    let mark = number(&mut cx, 4)?;
    let shared = shared(&mut cx)?;
    let progress = over(&shared, mark, |walker, touched| {
        with_block(&scan, |bytes| fold_lines(walker, bytes, asked, touched))
    });
    tell(&mut cx, 5, &Answer::walked(&progress))
}

/// `walk(fold, bytes, start, until, seq, tUs, dueUs, mark, out)`: lines as the inputs of an engine.
pub fn walk(mut cx: FunctionContext) -> JsResult<JsUndefined> {
    let bytes = cx.argument::<JsUint8Array>(1)?;
    let asked = Asked {
        start: number(&mut cx, 2)? as usize,
        until: number(&mut cx, 3)? as u64,
        is_proven: false,
    };
    let turns = Turns {
        seq: number(&mut cx, 4)? as u64,
        t_us: number(&mut cx, 5)? as u64,
        due_us: number(&mut cx, 6)?,
    };
    let mark = number(&mut cx, 7)?;
    let shared = shared(&mut cx)?;
    let bytes = bytes.as_slice(&cx);
    let progress = over(&shared, mark, |walker, touched| {
        walk_turns(walker, bytes, asked, turns, touched)
    });
    tell(&mut cx, 8, &Answer::walked(&progress))
}

/// Walks over lines with what the door has for it.
fn over(
    shared: &Handle<'_, Shared>,
    mark: f64,
    walk: impl FnOnce((&mut Decoder, &mut Fold), &mut Touched) -> Progress,
) -> Progress {
    let mut door = shared.borrow_mut();
    let Door {
        fold,
        touched,
        decoder,
        ..
    } = &mut *door;
    touched.restart(mark);
    walk((decoder, fold), touched)
}

/// Calls with the fold and what is touched, which begins anew where there is a mark.
pub fn with_fold<T>(
    shared: &Handle<'_, Shared>,
    mark: Option<f64>,
    call: impl FnOnce(&mut Fold, &mut Touched) -> T,
) -> T {
    let Door { fold, touched, .. } = &mut *shared.borrow_mut();
    if let Some(mark) = mark {
        touched.restart(mark);
    }
    call(fold, touched)
}

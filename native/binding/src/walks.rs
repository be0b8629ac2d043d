use neon::prelude::*;
use neon::types::buffer::TypedArray;
use polaris_book::{Fold, Touched};
use polaris_wire::{Asked, Decoder, Progress, TapeReader, Turns, fold_lines, walk_turns};

use crate::answer::Answer;
use crate::fold_handle::{FoldHandle, Shared, number, shared, tell};
use crate::scan::{SharedScan, fold_block};

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

/// `scanFold(fold, scan, until, mark, out)`: as `lines`, from where a scan stands to the end of its block.
pub fn scan_fold(mut cx: FunctionContext) -> JsResult<JsUndefined> {
    let scan = cx.argument::<SharedScan>(1)?;
    let until = number(&mut cx, 2)? as u64;
    let mark = number(&mut cx, 3)?;
    let shared = shared(&mut cx)?;
    let progress = over(&shared, mark, |walker, touched| {
        fold_block(&scan, walker, until, touched)
    });
    tell(&mut cx, 4, &Answer::walked(&progress))
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

/// `walkTape(fold, words, at, tapeUs, tUs, dueUs, mark, out)`: a tape as the inputs of an engine.
pub fn walk_tape(mut cx: FunctionContext) -> JsResult<JsUndefined> {
    let words = cx.argument::<JsUint32Array>(1)?;
    let (at, tape_us) = (number(&mut cx, 2)? as usize, number(&mut cx, 3)? as u64);
    let turns = Turns {
        seq: 0,
        t_us: number(&mut cx, 4)? as u64,
        due_us: number(&mut cx, 5)?,
    };
    let mark = number(&mut cx, 6)?;
    let shared = shared(&mut cx)?;
    let words = words.as_slice(&cx);
    let progress = over(&shared, mark, |(decoder, fold), touched| {
        let mut reader = TapeReader::new(words, at, tape_us);
        polaris_wire::walk_tape((&mut decoder.changes, fold), &mut reader, turns, touched)
    });
    tell(&mut cx, 7, &Answer::walked(&progress))
}

/// Walks over lines with what the handle has for it.
fn over(
    shared: &Handle<'_, Shared>,
    mark: f64,
    walk: impl FnOnce((&mut Decoder, &mut Fold), &mut Touched) -> Progress,
) -> Progress {
    let mut handle = shared.borrow_mut();
    let FoldHandle {
        fold,
        touched,
        decoder,
        ..
    } = &mut *handle;
    touched.restart(mark);
    walk((decoder, fold), touched)
}

/// Calls with the fold and what is touched, which begins anew where there is a mark.
pub fn with_fold<T>(
    shared: &Handle<'_, Shared>,
    mark: Option<f64>,
    call: impl FnOnce(&mut Fold, &mut Touched) -> T,
) -> T {
    let FoldHandle { fold, touched, .. } = &mut *shared.borrow_mut();
    if let Some(mark) = mark {
        touched.restart(mark);
    }
    call(fold, touched)
}

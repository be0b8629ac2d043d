use std::cell::RefCell;
use std::path::Path;

use neon::prelude::*;
use neon::types::buffer::TypedArray;
use polaris_scan::{Ahead, Block, Segment, Wanted, prove};
use polaris_wire::{hex, parse_hex};

/// A scan with the block that it stands at.
pub struct Scanning {
    ahead: Ahead,
    block: Block,
}

impl Finalize for Scanning {}

pub type SharedScan = JsBox<RefCell<Scanning>>;

/// The running head of a segment.
pub struct Running(blake3::Hasher);

impl Finalize for Running {}

type SharedHead = JsBox<RefCell<Running>>;

/// `scanNext` behind the last block.
const OVER: f64 = -1.0;
/// `scanNext` where the reference has to go on.
const ODD: f64 = -2.0;

/// `proveSegment(path, head, seq)`: a promise of the segment's proof as JSON, on another thread; `null` where it is odd.
pub fn prove_segment(mut cx: FunctionContext) -> JsResult<JsPromise> {
    let path = cx.argument::<JsString>(0)?.value(&mut cx);
    let head = cx.argument::<JsString>(1)?.value(&mut cx);
    let seq = cx.argument::<JsNumber>(2)?.value(&mut cx);
    let wanted = Wanted {
        head: parse_hex(head.as_bytes()),
        seq: (seq > 0.0).then_some(seq as u64),
    };
    let promise = cx
        .task(move || prove(Path::new(&path), wanted).map_or_else(|_| "null".into(), |s| json(&s)))
        .promise(|mut cx, json| Ok(cx.string(json)));
    Ok(promise)
}

/// `scanOver(paths)`: the segments of a run from the first on.
pub fn over(mut cx: FunctionContext) -> JsResult<SharedScan> {
    let list = cx.argument::<JsArray>(0)?.to_vec(&mut cx)?;
    let paths: NeonResult<Vec<_>> = list
        .into_iter()
        .map(|path| {
            let path = path.downcast_or_throw::<JsString, _>(&mut cx)?;
            Ok(path.value(&mut cx).into())
        })
        .collect();
    let ahead = Ahead::over(paths?);
    let block = Block::default();
    Ok(cx.boxed(RefCell::new(Scanning { ahead, block })))
}

/// `scanNext(scan)`: the length of the next block.
pub fn next(mut cx: FunctionContext) -> JsResult<JsNumber> {
    let shared = cx.argument::<SharedScan>(0)?;
    let length = {
        let mut scan = shared.borrow_mut();
        let spent = std::mem::take(&mut scan.block);
        match scan.ahead.next(spent) {
            None => OVER,
            Some(Err(_)) => ODD,
            Some(Ok(block)) => {
                scan.block = block;
                scan.block.bytes.len() as f64
            }
        }
    };
    Ok(cx.number(length))
}

/// `scanLine(scan, at)`: a copy of the line that begins there, with its newline.
pub fn line(mut cx: FunctionContext) -> JsResult<JsUint8Array> {
    let shared = cx.argument::<SharedScan>(0)?;
    let at = cx.argument::<JsNumber>(1)?.value(&mut cx) as usize;
    let scan = shared.borrow();
    let rest = scan.block.bytes.get(at..).unwrap_or(&[]);
    let length = rest.iter().position(|&byte| byte == b'\n');
    JsUint8Array::from_slice(&mut cx, &rest[..length.map_or(rest.len(), |end| end + 1)])
}

/// The lines of the block that a scan stands at.
pub fn with_block<T>(scan: &Handle<'_, SharedScan>, call: impl FnOnce(&[u8]) -> T) -> T {
    call(&scan.borrow().block.bytes)
}

/// `headFrom(head)`: the running head of a segment that begins at this one.
pub fn head_from(mut cx: FunctionContext) -> JsResult<SharedHead> {
    let start = cx.argument::<JsString>(0)?.value(&mut cx);
    let Some(start) = parse_hex(start.as_bytes()) else {
        return cx.throw_error(format!("Invariant: {start} is not a head"));
    };
    let mut hasher = blake3::Hasher::new();
    hasher.update(&start);
    Ok(cx.boxed(RefCell::new(Running(hasher))))
}

/// `headAfter(head, lines)`: takes event lines; the head behind them.
pub fn head_after(mut cx: FunctionContext) -> JsResult<JsString> {
    let shared = cx.argument::<SharedHead>(0)?;
    let lines = cx.argument::<JsUint8Array>(1)?;
    let head = {
        let mut hasher = shared.borrow_mut();
        let Running(hasher) = &mut *hasher;
        hasher.update(lines.as_slice(&cx));
        hex(hasher.finalize().as_bytes())
    };
    Ok(cx.string(head))
}

fn json(of: &Segment) -> String {
    let Segment { line, chain, bytes } = of;
    let start = hex(&line.head);
    let head = hex(&chain.head);
    let number = |of: Option<u64>| of.map_or_else(|| "null".to_owned(), |n| n.to_string());
    let seq_at = chain.seq_at.map_or_else(
        || "null".to_owned(),
        |(commit, head)| format!(r#"{{"commit":{commit},"head":"{}"}}"#, hex(&head)),
    );
    format!(
        r#"{{"segment":{},"run":"{}","first":{},"start":"{start}","firstCommit":{},"commits":{},"lastSeq":{},"head":"{head}","eventBytes":{},"bytes":{bytes},"hasEnded":{},"headAt":{},"seqAt":{seq_at}}}"#,
        line.segment,
        line.run,
        line.first,
        chain.first_commit,
        chain.commits,
        chain.last_seq,
        chain.event_bytes,
        chain.has_ended,
        number(chain.head_at),
    )
}

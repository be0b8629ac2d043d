use std::cell::RefCell;
use std::path::Path;

use neon::prelude::*;
use neon::types::buffer::TypedArray;
use polaris_book::{Fold, Touched};
use polaris_scan::{Ahead, Block, Segment, Wanted, prove};
use polaris_wire::{
    Asked, Decoder, Kept, Progress, Stop, Tape, TapeReader, fold_lines, fold_tape, hex, parse_hex,
    record_lines,
};

use crate::fold_handle::number;

/// A scan with the block that it stands at.
pub struct Scanning {
    ahead: Ahead,
    block: Block,
    at: Place,
}

/// Where within its block a scan stands.
#[derive(Default)]
struct Place {
    /// The next line, or, on a block that is decoded, the line among those beside the tape that it stopped at.
    line: usize,
    /// On a block that is decoded: the next entry, with the time and sequence number before it.
    entry: usize,
    t_us: u64,
    seq: u64,
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
const INCONCLUSIVE: f64 = -2.0;

/// `proveSegment(path, head, seq)`: a promise of the segment's proof as JSON, on another thread; `null` where it is inconclusive.
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

/// `scanOver(paths, patience)`: the segments of a run from the first on.
pub fn over(mut cx: FunctionContext) -> JsResult<SharedScan> {
    let list = cx.argument::<JsArray>(0)?.to_vec(&mut cx)?;
    let paths: NeonResult<Vec<_>> = list
        .into_iter()
        .map(|path| {
            let path = path.downcast_or_throw::<JsString, _>(&mut cx)?;
            Ok(path.value(&mut cx).into())
        })
        .collect();
    let patience = number(&mut cx, 1)? as usize;
    let ahead = Ahead::over(paths?, patience);
    let block = Block::default();
    let at = Place::default();
    Ok(cx.boxed(RefCell::new(Scanning { ahead, block, at })))
}

/// `scanNext(scan)`: the length of the next block.
pub fn next(mut cx: FunctionContext) -> JsResult<JsNumber> {
    let shared = cx.argument::<SharedScan>(0)?;
    let length = {
        let mut scan = shared.borrow_mut();
        let spent = std::mem::take(&mut scan.block);
        match scan.ahead.next(spent) {
            None => OVER,
            Some(Err(_)) => INCONCLUSIVE,
            Some(Ok(block)) => {
                scan.at = Place {
                    seq: block.before,
                    t_us: scan.at.t_us,
                    ..Place::default()
                };
                scan.block = block;
                scan.block.bytes.len() as f64
            }
        }
    };
    Ok(cx.number(length))
}

/// `scanLine(scan)`: a copy of the line that the fold stopped at, with its newline; the scan then stands behind it.
pub fn line(mut cx: FunctionContext) -> JsResult<JsUint8Array> {
    let shared = cx.argument::<SharedScan>(0)?;
    let line = {
        let mut scan = shared.borrow_mut();
        let Scanning { block, at, .. } = &mut *scan;
        let lines = if block.is_taped {
            &block.tape.lines
        } else {
            &block.bytes
        };
        let rest = lines.get(at.line..).unwrap_or(&[]);
        let length = rest.iter().position(|&byte| byte == b'\n');
        let length = length.map_or(rest.len(), |end| end + 1);
        let line = rest[..length].to_vec();
        at.line += length;
        line
    };
    JsUint8Array::from_slice(&mut cx, &line)
}

/// `scanTape(scan, names)`: the block that a scan stands at as a tape, with the events of these names (one behind the
/// other, with a comma between them) kept as lines and no others; its words, lines, and how many inputs it holds.
/// `null` where a line has no form on it.
pub fn tape(mut cx: FunctionContext) -> JsResult<JsValue> {
    let shared = cx.argument::<SharedScan>(0)?;
    let names = cx.argument::<JsString>(1)?.value(&mut cx);
    let kept = Kept {
        names: names
            .split(',')
            .map(|name| name.as_bytes().to_vec())
            .collect(),
        is_counted: false,
    };
    let mut tape = Tape::default();
    let recorded = {
        let scan = shared.borrow();
        record_lines(&mut Decoder::default(), &scan.block.bytes, &kept, &mut tape)
    };
    if recorded.is_err() {
        return Ok(cx.null().upcast());
    }
    let answer = cx.empty_array();
    let words = JsUint32Array::from_slice(&mut cx, &tape.words)?;
    let lines = JsUint8Array::from_slice(&mut cx, &tape.lines)?;
    let inputs = cx.number(tape.inputs as f64);
    answer.set(&mut cx, 0, words)?;
    answer.set(&mut cx, 1, lines)?;
    answer.set(&mut cx, 2, inputs)?;
    Ok(answer.upcast())
}

/// Folds on in the block that a scan stands at, up to `until`.
pub fn fold_block(
    scan: &Handle<'_, SharedScan>,
    (decoder, fold): (&mut Decoder, &mut Fold),
    until: u64,
    touched: &mut Touched,
) -> Progress {
    let mut scan = scan.borrow_mut();
    let Scanning { block, at, .. } = &mut *scan;
    if !block.is_taped {
        let asked = Asked {
            start: at.line,
            until,
            is_proven: true,
        };
        let progress = fold_lines((decoder, fold), &block.bytes, asked, touched);
        at.line = progress.at;
        if progress.seq > 0 {
            at.t_us = progress.t_us;
        }
        return progress;
    }
    let mut reader = TapeReader::new(&block.tape.words, at.entry, at.t_us);
    let lines = &block.tape.lines[..];
    let mut progress = fold_tape(
        (decoder, fold),
        (&mut reader, lines),
        (at.seq, until),
        touched,
    );
    at.entry = reader.at;
    at.line = progress.at;
    at.t_us = reader.t_us;
    at.seq = progress.seq;
    if progress.stop == Stop::Unsupported {
        at.seq += 1; // its line is read elsewhere
    }
    if progress.lines == 0 {
        progress.seq = 0;
    }
    progress
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

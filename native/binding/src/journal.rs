use std::cell::RefCell;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use neon::prelude::*;
use neon::types::JsFloat64Array;
use neon::types::buffer::TypedArray;
use polaris_journal::{
    Digest, Disk, Durability, FailingDisk, Failure, Framing, Journal, Keeping, Position, Refused,
    RunDir, Turn, pack,
};

use polaris_wire::parse_hex;

use crate::fold_handle::write;
use crate::numbers::whole;

/// Numbers of a position: `POSITION` in `engine/log/write/journal.ts`. The head is eight of 32 bits each, the first first.
const POSITION: usize = 13;

/// A journal with what it works with.
pub struct JournalHandle {
    journal: Journal,
    channel: Channel,
    turns: Vec<Turn>,
}

impl Finalize for JournalHandle {}

type Shared = JsBox<RefCell<JournalHandle>>;

/// Calls back into JavaScript, once however often it is rung before that.
struct Bell {
    channel: Channel,
    listener: Root<JsFunction>,
    is_rung: AtomicBool,
}

/// `journalOpen(dir, run, options, head, listener)`: `options` as `JournalOptions` in `engine/log/write/journal.ts` lists them.
pub fn open(mut cx: FunctionContext) -> JsResult<Shared> {
    let dir = cx.argument::<JsString>(0)?.value(&mut cx);
    let run = cx.argument::<JsString>(1)?.value(&mut cx);
    let options = cx.argument::<JsFloat64Array>(2)?.as_slice(&cx).to_vec();
    let head = cx.argument::<JsString>(3)?.value(&mut cx);
    let listener = cx.argument::<JsFunction>(4)?.root(&mut cx);
    let Some(opening) = parse_hex(head.as_bytes()).and_then(|head| opening(&options, run, head))
    else {
        return cx.throw_range_error("not the options of a journal");
    };
    let mut channel = cx.channel();
    channel.unref(&mut cx);
    let bell = Arc::new(Bell {
        channel: channel.clone(),
        listener,
        is_rung: AtomicBool::new(false),
    });
    let (disk, notify) = (opening.disk(dir), Box::new(move || ring(&bell)));
    let Opening { keeping, at, .. } = opening;
    let journal = match Journal::open(keeping, at, disk, notify) {
        Ok(journal) => journal,
        Err(error) => return cx.throw_error(format!("no thread for the journal: {error}")),
    };
    let turns = Vec::new();
    Ok(cx.boxed(RefCell::new(JournalHandle {
        journal,
        channel,
        turns,
    })))
}

struct Opening {
    keeping: Keeping,
    at: Position,
    /// The operation that fails and how; 0 for none.
    fail: (u64, f64),
}

impl Opening {
    fn disk(&self, dir: String) -> Box<dyn Disk> {
        let disk = RunDir(PathBuf::from(dir));
        let (op, how) = self.fail;
        if op == 0 {
            return Box::new(disk);
        }
        let how = if how == 0.0 {
            Failure::Short
        } else {
            Failure::Errno(how as i32)
        };
        Box::new(FailingDisk::new(disk, op, how))
    }
}

fn opening(options: &[f64], run: String, head: Digest) -> Option<Opening> {
    let &[
        commit_events,
        segment_max,
        durability,
        is_eager,
        last_seq,
        commits,
        segment,
        segment_bytes,
        byte,
        fail_op,
        fail_how,
    ] = options
    else {
        return None;
    };
    Some(Opening {
        keeping: Keeping {
            framing: Framing {
                run,
                commit_events: whole(commit_events)?,
                segment_bytes: whole(segment_max)?,
            },
            durability: match whole(durability)? {
                0 => Durability::Commit,
                1 => Durability::Interval,
                2 => Durability::None,
                _ => return None,
            },
            is_eager: is_eager != 0.0,
        },
        at: Position {
            last_seq: whole(last_seq)?,
            commits: whole(commits)?,
            segment: whole(segment)?,
            segment_bytes: whole(segment_bytes)?,
            byte: whole(byte)?,
            head,
        },
        fail: (whole(fail_op)?, fail_how),
    })
}

fn ring(bell: &Arc<Bell>) {
    if bell.is_rung.swap(true, Ordering::AcqRel) {
        return;
    }
    let rung = Arc::clone(bell);
    // Where Node is on its way out, there is nobody to tell.
    let _ = bell.channel.try_send(move |mut cx| {
        rung.is_rung.store(false, Ordering::Release);
        let listener = rung.listener.to_inner(&mut cx);
        listener.bind(&mut cx).exec()
    });
}

/// `journalAppend(journal, lines, length, turns, count, close)`: the first `length` bytes, `count` turns as end and events
/// in turn. Answers 0 taken, 1 full, 2 over, 3 torn.
pub fn append(mut cx: FunctionContext) -> JsResult<JsNumber> {
    let shared = shared(&mut cx)?;
    let lines = cx.argument::<JsUint8Array>(1)?;
    let length = cx.argument::<JsNumber>(2)?.value(&mut cx) as usize;
    let flat = cx.argument::<JsUint32Array>(3)?;
    let count = cx.argument::<JsNumber>(4)?.value(&mut cx) as usize;
    let close = cx.argument::<JsBoolean>(5)?.value(&mut cx);
    let mut handle = shared.borrow_mut();
    let JournalHandle { journal, turns, .. } = &mut *handle;
    turns.clear();
    let (pairs, _) = flat.as_slice(&cx).as_chunks::<2>();
    turns.extend(pairs.iter().take(count).map(|&[end, events]| Turn {
        end: end as usize,
        events: u64::from(events),
    }));
    let lines = lines.as_slice(&cx);
    let answer = journal.append(&lines[..length.min(lines.len())], turns, close);
    let code = match answer {
        Ok(()) => 0,
        Err(Refused::Full) => 1,
        Err(Refused::Over) => 2,
        Err(Refused::Torn) => 3,
    };
    Ok(cx.number(code))
}

/// `journalStatus(journal, out)`: where it is durable, where it is synced, bytes that wait, 1 where the thread is over. Answers the fault.
pub fn status(mut cx: FunctionContext) -> JsResult<JsValue> {
    let shared = shared(&mut cx)?;
    let (status, pending) = {
        let handle = shared.borrow();
        (handle.journal.status(), handle.journal.pending())
    };
    let mut row = [0.0; 2 * POSITION + 2];
    row[..POSITION].copy_from_slice(&position(&status.durable));
    row[POSITION..2 * POSITION].copy_from_slice(&position(&status.synced));
    row[2 * POSITION] = pending as f64;
    row[2 * POSITION + 1] = f64::from(u8::from(status.has_ended));
    write(&mut cx, 1, &row)?;
    Ok(match status.fault {
        Some(fault) => cx.string(fault).upcast(),
        None => cx.undefined().upcast(),
    })
}

/// `journalMark(journal, out)`: the end of the last commit, leaves before the tail and length of the tail into `out`.
/// Answers the subtrees' values and the tail, or nothing where there is no such place.
pub fn mark(mut cx: FunctionContext) -> JsResult<JsValue> {
    let shared = shared(&mut cx)?;
    let found = shared.borrow().journal.mark();
    let Some((at, head)) = found else {
        return Ok(cx.undefined().upcast());
    };
    let mut row = [0.0; POSITION + 2];
    row[..POSITION].copy_from_slice(&position(&at));
    row[POSITION] = head.leaves as f64;
    row[POSITION + 1] = head.tail.len() as f64;
    write(&mut cx, 1, &row)?;
    let bytes = [head.trees.concat(), head.tail].concat();
    Ok(JsUint8Array::from_slice(&mut cx, &bytes)?.upcast())
}

/// `journalSync(journal)`
pub fn sync(mut cx: FunctionContext) -> JsResult<JsUndefined> {
    shared(&mut cx)?.borrow().journal.sync();
    Ok(cx.undefined())
}

/// `journalEnd(journal)`
pub fn end(mut cx: FunctionContext) -> JsResult<JsUndefined> {
    shared(&mut cx)?.borrow().journal.end();
    Ok(cx.undefined())
}

/// `journalHold(journal, isHeld)`: whether the process waits for it.
pub fn hold(mut cx: FunctionContext) -> JsResult<JsUndefined> {
    let shared = shared(&mut cx)?;
    let is_held = cx.argument::<JsBoolean>(1)?.value(&mut cx);
    let channel = &mut shared.borrow_mut().channel;
    if is_held {
        channel.reference(&mut cx);
    } else {
        channel.unref(&mut cx);
    }
    Ok(cx.undefined())
}

/// `packFrame(plain, level)`: one Zstandard frame.
pub fn pack_frame(mut cx: FunctionContext) -> JsResult<JsUint8Array> {
    let plain = cx.argument::<JsUint8Array>(0)?;
    let level = cx.argument::<JsNumber>(1)?.value(&mut cx) as i32;
    match pack(plain.as_slice(&cx), level) {
        Ok(frame) => JsUint8Array::from_slice(&mut cx, &frame),
        Err(error) => cx.throw_error(error.to_string()),
    }
}

fn position(at: &Position) -> [f64; POSITION] {
    let mut row = [0.0; POSITION];
    let counts = [
        at.last_seq,
        at.commits,
        at.segment,
        at.segment_bytes,
        at.byte,
    ];
    let (words, _) = at.head.as_chunks::<4>();
    let head = words
        .iter()
        .map(|word| f64::from(u32::from_be_bytes(*word)));
    let all = counts.into_iter().map(|count| count as f64).chain(head);
    row.iter_mut()
        .zip(all)
        .for_each(|(to, number)| *to = number);
    row
}

/// The journal at the first argument.
fn shared<'cx>(cx: &mut FunctionContext<'cx>) -> NeonResult<Handle<'cx, Shared>> {
    cx.argument(0)
}

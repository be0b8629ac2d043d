//! The journal over a disk in memory: what it acknowledges is there, and the first failure ends it.

#![expect(clippy::unwrap_used, reason = "a test may fail anywhere")]

mod memory;

use std::sync::{Arc, Mutex};

use memory::MemoryDisk;

use polaris_journal::{
    Disk, Durability, FailingDisk, Failure, Framing, Journal, Keeping, Position, Refused, Status,
    TURN_BYTES_MAX, Turn,
};
use polaris_wire::hex;

const EIO: i32 = 5;
const ENOSPC: i32 = 28;

fn keeping(durability: Durability) -> Keeping {
    Keeping {
        framing: Framing {
            run: "\"test\"".to_owned(),
            commit_events: 4,
            segment_bytes: 500,
        },
        durability,
        is_eager: false,
    }
}

fn line(seq: u64) -> Vec<u8> {
    format!("{{\"n\":{seq},\"t\":1,\"c\":0,\"e\":\"X.1\",\"x\":\"00000000\"}}\n").into_bytes()
}

/// Hands over one turn of `events` lines.
fn turn(journal: &Journal, first: u64, events: u64, close: bool) -> Result<(), Refused> {
    let lines: Vec<u8> = (first..first + events).flat_map(line).collect();
    let end = lines.len();
    journal.append(&lines, &[Turn { end, events }], close)
}

/// Waits for the writer to reach `seq` or stop.
fn reached(journal: &Journal, seq: u64) -> Status {
    loop {
        let status = journal.status();
        if status.durable.last_seq >= seq || status.has_ended {
            return status;
        }
        std::thread::yield_now();
    }
}

fn quiet() -> Box<dyn Fn() + Send> {
    Box::new(|| {})
}

/// Writes twenty turns of two events, in commits of four; what the run came to.
fn whole_run(disk: Box<dyn Disk>, durability: Durability, acked: &Arc<Mutex<Vec<u64>>>) -> Status {
    let cell: Arc<Mutex<Option<Arc<Journal>>>> = Arc::default();
    let (list, held) = (Arc::clone(acked), Arc::clone(&cell));
    let notify = Box::new(move || {
        if let Some(journal) = &*held.lock().unwrap() {
            list.lock().unwrap().push(journal.status().durable.last_seq);
        }
    });
    let journal =
        Arc::new(Journal::open(keeping(durability), Position::default(), disk, notify).unwrap());
    *cell.lock().unwrap() = Some(Arc::clone(&journal));
    for first in (1..40).step_by(2) {
        if turn(&journal, first, 2, first == 39).is_err() {
            break;
        }
        if first % 4 == 3 && durability == Durability::Commit {
            reached(&journal, first + 1);
        }
    }
    journal.end();
    while !journal.status().has_ended {
        std::thread::yield_now();
    }
    *cell.lock().unwrap() = None;
    journal.status()
}

#[test]
fn a_run_is_framed_rolled_and_synced() {
    for durability in [Durability::Commit, Durability::Interval, Durability::None] {
        let disk = MemoryDisk::default();
        let acked = Arc::default();
        let status = whole_run(Box::new(disk.clone()), durability, &acked);
        assert_eq!(status.fault, None);
        assert_eq!((status.durable.last_seq, status.durable.commits), (40, 10));
        assert_eq!(disk.survives(), 40);
        let events: Vec<u8> = (1..=40).flat_map(line).collect();
        let text = disk.text();
        let kept = text.lines().filter(|line| line.starts_with("{\"n\":"));
        assert_eq!(
            kept.collect::<Vec<_>>().join("\n") + "\n",
            String::from_utf8(events).unwrap()
        );
        assert_eq!(
            disk.files.lock().unwrap().len() as u64,
            status.durable.segment
        );
        assert!(status.durable.segment > 2);
        assert!(text.contains(&hex(&status.durable.head)));
        let acked = acked.lock().unwrap();
        assert!(acked.is_sorted(), "acknowledgements rise: {acked:?}");
    }
}

#[test]
fn the_first_failure_of_any_call_halts_and_nothing_is_retried() {
    let all = MemoryDisk::default();
    whole_run(Box::new(all.clone()), Durability::Commit, &Arc::default());
    let calls = *all.calls.lock().unwrap();
    assert!(calls > 20);
    for op in 1..=calls {
        for errno in [EIO, ENOSPC] {
            let disk = MemoryDisk::default();
            let failing = FailingDisk::new(disk.clone(), op, Failure::Errno(errno));
            let acked: Arc<Mutex<Vec<u64>>> = Arc::default();
            let status = whole_run(Box::new(failing), Durability::Commit, &acked);
            let code = if errno == EIO { "EIO" } else { "ENOSPC" };
            assert!(
                status.fault.is_some_and(|why| why.starts_with(code)),
                "op {op}"
            );
            assert_eq!(
                *disk.calls.lock().unwrap(),
                op - 1,
                "nothing is called after a failure"
            );
            assert!(
                disk.survives() >= status.durable.last_seq,
                "op {op}: acknowledged and lost"
            );
            assert!(
                acked
                    .lock()
                    .unwrap()
                    .iter()
                    .all(|&seq| seq <= disk.survives())
            );
        }
    }
}

#[test]
fn a_short_write_is_gone_on_from() {
    let whole = MemoryDisk::default();
    whole_run(Box::new(whole.clone()), Durability::Commit, &Arc::default());
    for op in 1..=*whole.calls.lock().unwrap() {
        let disk = MemoryDisk::default();
        let failing = FailingDisk::new(disk.clone(), op, Failure::Short);
        let status = whole_run(Box::new(failing), Durability::Commit, &Arc::default());
        assert_eq!(status.fault, None);
        assert_eq!(disk.text(), whole.text(), "op {op}");
    }
}

#[test]
fn a_resumed_run_has_the_bytes_of_one_that_was_not_cut() {
    let whole = MemoryDisk::default();
    let acked = Arc::default();
    let end = whole_run(Box::new(whole.clone()), Durability::Commit, &acked).durable;
    for cut in (4..40).step_by(4) {
        let disk = MemoryDisk::default();
        let keep = keeping(Durability::Commit);
        let open = |at| Journal::open(keep.clone(), at, Box::new(disk.clone()), quiet()).unwrap();
        let journal = open(Position::default());
        for first in (1..cut).step_by(2) {
            turn(&journal, first, 2, false).unwrap();
        }
        let at = journal.join().durable;
        assert_eq!(at.last_seq, cut);
        let journal = open(at);
        for first in (cut + 1..40).step_by(2) {
            turn(&journal, first, 2, false).unwrap();
        }
        assert_eq!(journal.join().durable, end);
        assert_eq!(disk.text(), whole.text());
    }
}

#[test]
fn a_segment_that_does_not_hash_to_its_head_is_not_written_on() {
    let disk = MemoryDisk::default();
    let open = |at| {
        let keep = keeping(Durability::Commit);
        Journal::open(keep, at, Box::new(disk.clone()), quiet()).unwrap()
    };
    let journal = open(Position::default());
    turn(&journal, 1, 4, false).unwrap();
    let at = journal.join().durable;
    let text = disk.text();
    let name = "events-000001.jsonl";
    let spot = text.find("\"t\":1").unwrap() + 4;
    disk.files.lock().unwrap().get_mut(name).unwrap().bytes[spot] = b'2';
    let status = open(at).join();
    assert!(status.fault.unwrap().contains("does not hash to"));
    let longer = Position {
        byte: at.byte + 1,
        ..at
    };
    let status = open(longer).join();
    assert!(status.fault.unwrap().contains("where the last commit ends"));
    assert_eq!(disk.text().len(), text.len());
}

#[test]
fn a_slow_disk_fills_the_queue_to_its_bound_and_no_further() {
    let disk = MemoryDisk::default();
    disk.shut(true);
    let mut keep = keeping(Durability::Commit);
    keep.framing.segment_bytes = 1 << 30;
    let at = Position::default();
    let journal = Journal::open(keep, at, Box::new(disk.clone()), quiet()).unwrap();
    let mut big = line(1);
    big.splice(1..1, vec![b' '; TURN_BYTES_MAX - big.len()]);
    let turn = [Turn {
        end: big.len(),
        events: 1,
    }];
    let mut taken = 0;
    while journal.append(&big, &turn, true).is_ok() {
        taken += 1;
    }
    assert_eq!(journal.append(&big, &turn, true), Err(Refused::Full));
    assert_eq!(taken, 16);
    assert_eq!(journal.pending(), taken * TURN_BYTES_MAX as u64);
    assert_eq!(journal.status().durable.last_seq, 0);
    disk.shut(false);
    assert_eq!(reached(&journal, taken).durable.last_seq, taken);
    assert_eq!(journal.pending(), 0);
    assert_eq!(
        journal.join().durable.commits,
        taken,
        "one commit holds one such turn"
    );
}

#[test]
fn a_mark_does_not_wait_for_the_disk() {
    let disk = MemoryDisk::default();
    let keep = keeping(Durability::Commit);
    let at = Position::default();
    let journal = Journal::open(keep, at, Box::new(disk.clone()), quiet()).unwrap();
    turn(&journal, 1, 1, true).unwrap();
    reached(&journal, 1);
    disk.shut(true);
    turn(&journal, 2, 1, false).unwrap();
    let (place, head) = journal.mark().unwrap();
    assert_eq!((place.last_seq, place.commits, place.segment), (2, 2, 1));
    assert_eq!(head.leaves, 0);
    assert_eq!(&head.tail[..32], &[0; 32]);
    assert_eq!(&head.tail[32..], [line(1), line(2)].concat());
    disk.shut(false);
    assert_eq!(reached(&journal, 2).durable, place);
    assert_eq!(journal.join().durable, place);
}

#[test]
fn torn_turns_are_refused_whole() {
    let disk = MemoryDisk::default();
    let at = Position::default();
    let journal = Journal::open(
        keeping(Durability::None),
        at,
        Box::new(disk.clone()),
        quiet(),
    );
    let journal = journal.unwrap();
    let lines = line(1);
    let end = lines.len();
    for ends in [
        vec![],
        vec![Turn {
            end: end - 1,
            events: 1,
        }],
        vec![Turn {
            end: end + 1,
            events: 1,
        }],
        vec![Turn { end, events: 0 }],
        vec![Turn { end, events: 1 }, Turn { end, events: 1 }],
    ] {
        assert_eq!(journal.append(&lines, &ends, true), Err(Refused::Torn));
    }
    assert_eq!(journal.join().durable.last_seq, 0);
    assert_eq!(disk.text(), "");
}

#[test]
fn a_mark_of_a_run_that_is_just_opened_is_its_end() {
    let disk = MemoryDisk::default();
    let mut keep = keeping(Durability::Commit);
    keep.framing.segment_bytes = 1 << 30;
    let open = |at| Journal::open(keep.clone(), at, Box::new(disk.clone()), quiet()).unwrap();
    let journal = open(Position::default());
    turn(&journal, 1, 3, false).unwrap();
    let (at, _) = journal.mark().unwrap();
    assert_eq!((at, at.last_seq), (journal.join().durable, 3));
    let journal = open(at);
    assert_eq!(journal.mark().unwrap().0, at);
    let failed = open(Position {
        byte: at.byte + 1,
        ..at
    });
    assert_eq!(failed.mark(), None);
    assert_eq!(journal.join().durable, at);
}

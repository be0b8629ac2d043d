//! The journal over a disk in memory: what it acknowledges is there, and the first failure ends it.

#![expect(clippy::unwrap_used, reason = "a test may fail anywhere")]

mod memory;
mod turns;

use std::sync::{Arc, Mutex};

use memory::MemoryDisk;
use turns::{keeping, line, quiet, reached, turn};

use polaris_journal::{Disk, Durability, FailingDisk, Failure, Journal, Position, Status};
use polaris_wire::hex;

const EIO: i32 = 5;
const ENOSPC: i32 = 28;

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

//! What waits between a caller and the thread of a journal: its bound, its marks, and what is refused.

#![expect(clippy::unwrap_used, reason = "a test may fail anywhere")]

mod memory;
mod turns;

use memory::MemoryDisk;
use turns::{keeping, line, quiet, reached, turn};

use polaris_journal::{Durability, Journal, Position, Refused, TURN_BYTES_MAX, Turn};

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

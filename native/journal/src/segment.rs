use crate::disk::SegmentFile;
use crate::framer::Position;
use crate::head::{Digest, Head};
use polaris_wire::{hex, parse_hex};

const CHUNK: usize = 1_048_576;
const HEAD_KEY: &[u8] = b",\"head\":\"";

/// Name of the file of a segment.
pub fn name_of(segment: u64) -> String {
    format!("events-{segment:06}.jsonl")
}

/// Derives the head at a position by reading the segment up to it, and leaves the file there.
pub fn rehash(file: &mut dyn SegmentFile, at: &Position) -> Result<Head, String> {
    let mut head = None;
    let mut rest = Vec::new();
    let mut chunk = vec![0; CHUNK];
    let mut read = 0;
    loop {
        let length = file.read(&mut chunk).map_err(|error| error.to_string())?;
        if length == 0 {
            break;
        }
        read += length as u64;
        rest.extend_from_slice(&chunk[..length]);
        let whole = rest
            .iter()
            .rposition(|&byte| byte == b'\n')
            .map_or(0, |end| end + 1);
        take_lines(&rest[..whole], &mut head)?;
        rest.drain(..whole);
    }
    if read != at.byte || !rest.is_empty() {
        return Err(format!(
            "{read} bytes where the last commit ends at {}",
            at.byte
        ));
    }
    match head {
        Some(head) if head.digest() == at.head => Ok(head),
        _ => Err(format!("does not hash to {}", hex(&at.head))),
    }
}

/// Feeds event lines to the head; the line that opens a segment begins one.
fn take_lines(lines: &[u8], head: &mut Option<Head>) -> Result<(), String> {
    let mut from = 0;
    let mut at = 0;
    while at < lines.len() {
        let end = lines[at..]
            .iter()
            .position(|&byte| byte == b'\n')
            .map_or(lines.len(), |length| at + length + 1);
        let line = &lines[at..end];
        // `{"n":` begins an event, `{"s` a segment, `{"c` a commit.
        if line.get(2) != Some(&b'n') {
            if let Some(head) = head {
                head.update(&lines[from..at]);
            } else {
                let start = head_in(line).ok_or("no line that opens a segment")?;
                *head = Some(Head::new(&start));
            }
            from = end;
        }
        at = end;
    }
    if let Some(head) = head {
        head.update(&lines[from..]);
    }
    Ok(())
}

/// The head that a segment line names.
fn head_in(line: &[u8]) -> Option<Digest> {
    let at = line
        .windows(HEAD_KEY.len())
        .rposition(|bytes| bytes == HEAD_KEY)?
        + HEAD_KEY.len();
    parse_hex(line.get(at..at + 64)?)
}

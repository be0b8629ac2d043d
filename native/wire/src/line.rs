use polaris_book::{Change, PRICE_MAX, Side, UNSAID};

use crate::scan::{SAFE_MAX, Scan};
use crate::xxh32::xxh32;

/// Bytes from the comma before `"x"` to the closing brace.
const TAIL: usize = 16;
/// Tokens of a snapshot: `TokenId` in `schemas/ids.ts`.
const TOKEN_MAX: u64 = (1 << 31) - 1;

/// Where an event stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Envelope {
    /// Position in the run.
    pub seq: u64,
    /// Microseconds since the epoch.
    pub t_us: u64,
    /// `seq` of the direct cause, 0 for none.
    pub cause: u64,
}

/// What kind of line it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A `BookChanged`: see `Decoder::changes`.
    Changed,
    /// A `BookSnapshot`: see `Decoder::token` and `Decoder::sides`.
    Snapshot,
}

/// What is wrong with a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// Its bytes do not give the sum that it states.
    Sum,
    /// It is not in canonical form; what was expected.
    Form(&'static str),
    /// Another event than the two.
    Other,
}

/// Why a line is not read here, and at which byte of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Offset within the line.
    pub at: usize,
    /// What is wrong.
    pub kind: FaultKind,
}

/// Reads lines; what the last one said stays in its fields until the next.
#[derive(Debug, Default)]
pub struct Decoder {
    /// Of the last line whose envelope was read.
    pub envelope: Envelope,
    /// Level changes of a `BookChanged`.
    pub changes: Vec<Change>,
    /// Whose snapshot.
    pub token: u64,
    /// Price and size of each bid, then of each ask, of a `BookSnapshot`.
    pub sides: [Vec<(u32, u64)>; 2],
}

impl Decoder {
    /// Reads one line, without its newline.
    ///
    /// # Errors
    /// A `Fault` for anything but a canonical `BookChanged.1` or `BookSnapshot.1` with the right sum.
    pub fn line(&mut self, line: &[u8]) -> Result<Kind, Fault> {
        let body = summed(line)?;
        let mut scan = Scan::new(body);
        self.read(&mut scan).map_err(|kind| Fault {
            at: scan.at(),
            kind,
        })
    }

    fn read(&mut self, scan: &mut Scan<'_>) -> Result<Kind, FaultKind> {
        self.envelope = envelope(scan)?;
        let kind = if scan.text(br#"BookChanged.1","d":["#).is_some() {
            self.changed(scan)?;
            lag(scan, br#","l":"#)?;
            Kind::Changed
        } else if scan.text(br#"BookSnapshot.1","token":"#).is_some() {
            self.snapshot(scan)?;
            lag(scan, br#","lag":"#)?;
            Kind::Snapshot
        } else {
            return Err(FaultKind::Other);
        };
        if scan.is_over() {
            Ok(kind)
        } else {
            Err(FaultKind::Form(r#","x":"#))
        }
    }

    fn changed(&mut self, scan: &mut Scan<'_>) -> Result<(), FaultKind> {
        self.changes.clear();
        loop {
            self.changes
                .push(change(scan).ok_or(FaultKind::Form("a level change"))?);
            if scan.byte(b']').is_some() {
                return Ok(());
            }
            scan.byte(b',').ok_or(FaultKind::Form(",["))?;
        }
    }

    fn snapshot(&mut self, scan: &mut Scan<'_>) -> Result<(), FaultKind> {
        self.token = scan.whole(TOKEN_MAX).ok_or(FaultKind::Form("a token"))?;
        let [bids, asks] = &mut self.sides;
        levels(scan, br#","bids":["#, bids).ok_or(FaultKind::Form("bid levels"))?;
        levels(scan, br#","asks":["#, asks).ok_or(FaultKind::Form("ask levels"))
    }
}

/// The line without its sum, which is checked.
fn summed(line: &[u8]) -> Result<&[u8], Fault> {
    let at = line.len().saturating_sub(TAIL);
    let (body, tail) = line.split_at(at);
    let form = Fault {
        at,
        kind: FaultKind::Form(r#","x":"#),
    };
    let stated = tail
        .strip_prefix(br#","x":""#)
        .and_then(|rest| rest.strip_suffix(br#""}"#));
    let stated: [u8; 8] = stated.and_then(|sum| sum.try_into().ok()).ok_or(form)?;
    if hex(xxh32(body)) == stated {
        Ok(body)
    } else {
        Err(Fault {
            at,
            kind: FaultKind::Sum,
        })
    }
}

/// Eight lower-case hex digits.
fn hex(sum: u32) -> [u8; 8] {
    std::array::from_fn(|k| b"0123456789abcdef"[(sum >> (28 - 4 * k) & 15) as usize])
}

fn envelope(scan: &mut Scan<'_>) -> Result<Envelope, FaultKind> {
    let mut number = |key: &'static str| {
        scan.text(key.as_bytes())
            .and_then(|()| scan.whole(SAFE_MAX))
            .ok_or(FaultKind::Form(key))
    };
    let envelope = Envelope {
        seq: number(r#"{"n":"#)?,
        t_us: number(r#","t":"#)?,
        cause: number(r#","c":"#)?,
    };
    scan.text(br#","e":""#).ok_or(FaultKind::Form(r#","e":"#))?;
    Ok(envelope)
}

#[inline]
fn change(scan: &mut Scan<'_>) -> Option<Change> {
    scan.byte(b'[')?;
    let token = scan.whole(SAFE_MAX)?;
    scan.byte(b',')?;
    let side = if scan.whole(1)? == 0 {
        Side::Bid
    } else {
        Side::Ask
    };
    scan.byte(b',')?;
    let price = price(scan)?;
    scan.byte(b',')?;
    let size = scan.whole(SAFE_MAX)?;
    let (mut bid, mut ask) = (UNSAID, UNSAID);
    if scan.byte(b',').is_some() {
        bid = self::price(scan)? as i32;
        scan.byte(b',')?;
        ask = self::price(scan)? as i32;
    }
    scan.byte(b']')?;
    Some(Change {
        token,
        side,
        price,
        size,
        bid,
        ask,
    })
}

fn price(scan: &mut Scan<'_>) -> Option<u32> {
    scan.whole(u64::from(PRICE_MAX)).map(|price| price as u32)
}

/// `[[price,size],…]` with sizes above 0, from behind `key`, which ends with the first bracket.
fn levels(scan: &mut Scan<'_>, key: &[u8], into: &mut Vec<(u32, u64)>) -> Option<()> {
    into.clear();
    scan.text(key)?;
    if scan.byte(b']').is_some() {
        return Some(());
    }
    loop {
        scan.byte(b'[')?;
        let at = price(scan)?;
        scan.byte(b',')?;
        let size = scan.whole(SAFE_MAX).filter(|&size| size > 0)?;
        scan.byte(b']')?;
        into.push((at, size));
        if scan.byte(b']').is_some() {
            return Some(());
        }
        scan.byte(b',')?;
    }
}

/// The optional key behind the levels: a whole number that no fold asks for.
fn lag(scan: &mut Scan<'_>, key: &[u8]) -> Result<(), FaultKind> {
    if scan.text(key).is_none() {
        return Ok(());
    }
    let is_negative = scan.byte(b'-').is_some();
    match scan.whole(SAFE_MAX) {
        Some(value) if value > 0 || !is_negative => Ok(()),
        _ => Err(FaultKind::Form("a lag")),
    }
}

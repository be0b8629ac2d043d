use std::ops::Range;

use polaris_book::Change;

use crate::hot::hot_line;
use crate::line_fields::{TOKEN_MAX, change, lag, levels, trade};
use crate::line_text::hex;
use crate::scan::{SAFE_MAX, Scan};
use crate::xxh32::xxh32;

/// Bytes from the comma before `"x"` to the closing brace.
const TAIL: usize = 16;

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
    /// A `TradePrinted`, which no book takes anything from.
    Trade,
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
    /// Of a `TradePrinted`.
    pub trade: Trade,
}

/// A print of others.
#[derive(Clone, Debug, Default)]
pub struct Trade {
    /// Whose book.
    pub token: u64,
    /// 0 buys, 1 sells.
    pub side: u32,
    /// 0 to `PRICE_MAX`.
    pub price: u32,
    /// At most 2^53 − 1.
    pub size: u64,
    /// Where the venue's id stands in the line.
    pub id: Range<usize>,
}

impl Decoder {
    /// Reads one line, without its newline.
    ///
    /// # Errors
    /// A `Fault` for anything but a canonical `BookChanged.1`, `BookSnapshot.1` or `TradePrinted.1` with the right sum.
    pub fn line(&mut self, line: &[u8]) -> Result<Kind, Fault> {
        let body = summed(line)?;
        let mut scan = Scan::new(body);
        let fault = |at, kind| Fault { at, kind };
        let kind = self
            .read(&mut scan)
            .map_err(|kind| fault(scan.at(), kind))?;
        if scan.at() == body.len() {
            Ok(kind)
        } else {
            Err(fault(scan.at(), FaultKind::Form(r#","x":"#)))
        }
    }

    /// Reads the line at the start of `bytes`, which ends with a newline in them; answers its length, newline included.
    /// Its sum is checked where `is_summed`.
    ///
    /// # Errors
    /// What was expected, for any other line: `line` says where.
    #[inline]
    pub fn next(&mut self, bytes: &[u8], is_summed: bool) -> Result<(Kind, usize), FaultKind> {
        let (kind, scan) = match hot_line(bytes, &mut self.changes) {
            Some((envelope, at)) => {
                self.envelope = envelope;
                let mut scan = Scan::behind(bytes, at);
                lag(&mut scan, br#","l":"#)?;
                (Kind::Changed, scan)
            }
            None => {
                let mut scan = Scan::new(bytes);
                (self.read(&mut scan)?, scan)
            }
        };
        let body = scan.at();
        let tail: Option<&[u8; TAIL + 1]> = scan.rest().first_chunk();
        let [
            b',',
            b'"',
            b'x',
            b'"',
            b':',
            b'"',
            sum @ ..,
            b'"',
            b'}',
            b'\n',
        ] = tail.ok_or(FaultKind::Form(r#","x":"#))?
        else {
            return Err(FaultKind::Form(r#","x":"#));
        };
        if is_summed && *sum != hex(xxh32(&bytes[..body])) {
            return Err(FaultKind::Sum);
        }
        Ok((kind, body + TAIL + 1))
    }

    #[inline]
    fn read(&mut self, scan: &mut Scan<'_>) -> Result<Kind, FaultKind> {
        self.envelope = envelope(scan)?;
        if scan.text(br#"BookChanged.1","d":["#).is_some() {
            self.changed(scan)?;
            lag(scan, br#","l":"#)?;
            Ok(Kind::Changed)
        } else if scan.text(br#"TradePrinted.1","token":"#).is_some() {
            self.trade = trade(scan).ok_or(FaultKind::Form("a trade"))?;
            lag(scan, br#","lag":"#)?;
            Ok(Kind::Trade)
        } else if scan.text(br#"BookSnapshot.1","token":"#).is_some() {
            self.snapshot(scan)?;
            lag(scan, br#","lag":"#)?;
            Ok(Kind::Snapshot)
        } else {
            Err(FaultKind::Other)
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

/// The start of a line, up to the name of its event.
///
/// # Errors
/// The part that is not there.
#[inline]
pub fn envelope(scan: &mut Scan<'_>) -> Result<Envelope, FaultKind> {
    let envelope = Envelope {
        seq: number(scan, br#"{"n":"#, r#"{"n":"#)?,
        t_us: number(scan, br#","t":"#, r#","t":"#)?,
        cause: number(scan, br#","c":"#, r#","c":"#)?,
    };
    scan.text(br#","e":""#).ok_or(FaultKind::Form(r#","e":"#))?;
    Ok(envelope)
}

#[inline]
fn number(scan: &mut Scan<'_>, key: &[u8; 5], name: &'static str) -> Result<u64, FaultKind> {
    scan.text(key)
        .and_then(|()| scan.whole(SAFE_MAX))
        .ok_or(FaultKind::Form(name))
}

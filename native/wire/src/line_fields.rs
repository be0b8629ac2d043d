use polaris_book::{Change, PRICE_MAX, Side, UNSAID};

use crate::line::{FaultKind, Trade};
use crate::scan::{SAFE_MAX, Scan};

/// Tokens of snapshots and trades: `TokenId` in `schemas/ids.ts`.
pub(crate) const TOKEN_MAX: u64 = (1 << 31) - 1;

/// From behind the key of its token up to the end of its id, which is read only where it stands as it is.
#[inline]
pub(crate) fn trade(scan: &mut Scan<'_>) -> Option<Trade> {
    let token = scan.whole(TOKEN_MAX)?;
    scan.text(br#","side":"#)?;
    let side = scan.whole(1)? as u32;
    scan.text(br#","price":"#)?;
    let price = price(scan)?;
    scan.text(br#","size":"#)?;
    let size = scan.whole(SAFE_MAX)?;
    scan.text(br#","id":""#)?;
    let from = scan.at();
    scan.until(|byte| !matches!(byte, b' '..=b'~') || byte == b'"' || byte == b'\\');
    let id = from..scan.at();
    scan.byte(b'"')?;
    Some(Trade {
        token,
        side,
        price,
        size,
        id,
    })
}

#[inline]
pub(crate) fn change(scan: &mut Scan<'_>) -> Option<Change> {
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

#[inline]
fn price(scan: &mut Scan<'_>) -> Option<u32> {
    scan.whole(u64::from(PRICE_MAX)).map(|price| price as u32)
}

/// `[[price,size],…]` with sizes above 0, from behind `key`, which ends with the first bracket.
pub(crate) fn levels<const N: usize>(
    scan: &mut Scan<'_>,
    key: &[u8; N],
    into: &mut Vec<(u32, u64)>,
) -> Option<()> {
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
pub(crate) fn lag<const N: usize>(scan: &mut Scan<'_>, key: &[u8; N]) -> Result<(), FaultKind> {
    if scan.text(key).is_none() {
        return Ok(());
    }
    let is_negative = scan.byte(b'-').is_some();
    match scan.whole(SAFE_MAX) {
        Some(value) if value > 0 || !is_negative => Ok(()),
        _ => Err(FaultKind::Form("a lag")),
    }
}

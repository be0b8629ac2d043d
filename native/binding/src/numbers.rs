use polaris_book::{Book, Change, Notice, PRICE_MAX, SavedBook, Side, Stats, Test};

/// Numbers per change: `CHANGE` in `schemas/levels.ts`.
pub const CHANGE: usize = 6;
/// Numbers per notice: `NOTICE` in `engine/book/fold.ts`.
pub const NOTICE: usize = 7;

/// Flat changes as the fold takes them; `None` where a number is out of its range.
pub fn changes(flat: &[f64], into: &mut Vec<Change>) -> Option<()> {
    into.clear();
    let (rows, rest) = flat.as_chunks::<CHANGE>();
    let mut are_fine = rest.is_empty();
    into.extend(rows.iter().map(|row| {
        let (change, is_fine) = change(row);
        are_fine &= is_fine;
        change
    }));
    are_fine.then_some(())
}

/// A change, and whether its numbers are in their ranges: nearly all are, so nothing branches on one of them.
#[inline]
fn change(&[token, side, price, size, bid, ask]: &[f64; CHANGE]) -> (Change, bool) {
    // Casts saturate, so a number that survives one and back is whole and in range.
    let (token_is, size_is) = (token as i64, size as i64);
    let [side_is, price_is, bid_is, ask_is] = [side, price, bid, ask].map(|number| number as i32);
    let is_whole = |to: i64, from: f64| (to as f64 == from) & (0..i64::MAX).contains(&to);
    let is_small = |to: i32, from: f64, least: i32, most: i32| {
        (f64::from(to) == from) & (to >= least) & (to <= most)
    };
    let most = PRICE_MAX as i32;
    let is_fine = is_whole(token_is, token)
        & is_whole(size_is, size)
        & is_small(side_is, side, 0, 1)
        & is_small(price_is, price, 0, most)
        & is_small(bid_is, bid, -1, most)
        & is_small(ask_is, ask, -1, most);
    let change = Change {
        token: token_is as u64,
        side: if side_is == 0 { Side::Bid } else { Side::Ask },
        price: price_is as u32,
        size: size_is as u64,
        bid: bid_is,
        ask: ask_is,
    };
    (change, is_fine)
}

/// Flat levels, price and size in turn; `None` where a number is out of its range.
pub fn levels(flat: &[f64]) -> Option<Vec<(u32, u64)>> {
    let (rows, rest) = flat.as_chunks::<2>();
    let level = |&[at, size]: &[f64; 2]| Some((price(at)?, whole(size)?));
    if rest.is_empty() {
        rows.iter().map(level).collect()
    } else {
        None
    }
}

/// Flat places of levels: side and price in turn; `None` where a number is out of its range.
pub fn places(flat: &[f64]) -> Option<Vec<(Side, u32)>> {
    let (rows, rest) = flat.as_chunks::<2>();
    let place = |&[of, at]: &[f64; 2]| Some((side(of)?, price(at)?));
    if rest.is_empty() {
        rows.iter().map(place).collect()
    } else {
        None
    }
}

/// A test of a trigger as its number, `TESTS` in `engine/book/trigger.ts`, with its limit.
pub fn test(number: f64, limit: f64) -> Option<(Test, i64)> {
    let test = match small(number)? {
        0 => Test::Touched,
        1 => Test::Asks,
        2 => Test::Bids,
        3 => Test::Spread,
        _ => return None,
    };
    let whole = limit as i64; // saturates, so that a number that survives is whole and in range
    (whole as f64 == limit).then_some((test, whole))
}

/// A side as its number.
#[inline]
pub fn side(number: f64) -> Option<Side> {
    match small(number)? {
        0 => Some(Side::Bid),
        1 => Some(Side::Ask),
        _ => None,
    }
}

/// A whole number from 0 to 2^63. Casts saturate, so a number that survives one and back is whole and in range.
#[inline]
pub fn whole(number: f64) -> Option<u64> {
    let whole = number as i64;
    (whole as f64 == number && whole >= 0).then_some(whole as u64)
}

/// A whole number from 0 to 2^31 − 1.
#[inline]
pub fn small(number: f64) -> Option<u32> {
    let small = number as i32;
    (f64::from(small) == number && small >= 0).then_some(small as u32)
}

/// The numbers of one notice, in the order of `NOTICE`.
pub fn notice(of: &Notice) -> [f64; NOTICE] {
    [
        of.token as f64,
        f64::from(of.bid),
        f64::from(of.ask),
        f64::from(of.venue_bid),
        f64::from(of.venue_ask),
        of.pruned as f64,
        f64::from(u8::from(of.agrees)),
    ]
}

/// Best bid and ask, tick and time.
pub fn top(book: &Book) -> [f64; 4] {
    let tick = book.side(Side::Ask).tick();
    [
        f64::from(book.best_bid()),
        f64::from(book.best_ask()),
        f64::from(tick),
        book.updated_us,
    ]
}

/// Statistics in the order of `BookStats`.
pub fn stats(of: &Stats) -> [f64; 7] {
    [
        of.changes,
        of.checks,
        of.agree_before,
        of.agree_after,
        of.repaired,
        of.pruned,
        of.crossed,
    ]
    .map(|count| count as f64)
}

/// Statistics from their numbers.
pub fn stats_from(row: &[f64]) -> Option<Stats> {
    let counts: Option<Vec<u64>> = row.iter().map(|&count| whole(count)).collect();
    let [
        changes,
        checks,
        agree_before,
        agree_after,
        repaired,
        pruned,
        crossed,
    ] = counts?.try_into().ok()?;
    Some(Stats {
        changes,
        checks,
        agree_before,
        agree_after,
        repaired,
        pruned,
        crossed,
    })
}

/// Appends a book: token, time, distrust, changes, snapshot; then each side as tick, count of levels, levels.
pub fn save(book: &SavedBook, into: &mut Vec<f64>) {
    let SavedBook {
        token,
        updated_us,
        distrust,
        changes,
        had_snapshot,
        sides,
    } = book;
    let had_snapshot = f64::from(u8::from(*had_snapshot));
    into.extend([
        *token as f64,
        *updated_us,
        f64::from(*distrust),
        *changes as f64,
        had_snapshot,
    ]);
    for (tick, levels) in sides {
        into.extend([f64::from(*tick), levels.len() as f64]);
        into.extend(
            levels
                .iter()
                .flat_map(|&(price, size)| [f64::from(price), size as f64]),
        );
    }
}

/// The books that `save` appended; `None` where the numbers are none.
pub fn books_from(mut flat: &[f64]) -> Option<Vec<SavedBook>> {
    let mut books = Vec::new();
    while !flat.is_empty() {
        let (row, rest) = flat.split_first_chunk::<5>()?;
        let [token, updated_us, distrust, changes, had_snapshot] = *row;
        flat = rest;
        books.push(SavedBook {
            token: whole(token)?,
            updated_us,
            distrust: small(distrust)?,
            changes: whole(changes)?,
            had_snapshot: had_snapshot != 0.0,
            sides: [side_from(&mut flat)?, side_from(&mut flat)?],
        });
    }
    Some(books)
}

fn side_from(flat: &mut &[f64]) -> Option<(u32, Vec<(u32, u64)>)> {
    let (&[tick, count], rest) = flat.split_first_chunk::<2>()?;
    let (these, rest) = rest.split_at_checked((whole(count)? as usize).checked_mul(2)?)?;
    *flat = rest;
    Some((small(tick)?, levels(these)?))
}

#[inline]
fn price(number: f64) -> Option<u32> {
    small(number).filter(|&price| price <= PRICE_MAX)
}

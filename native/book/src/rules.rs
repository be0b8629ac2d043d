use crate::book::{Book, trust};
use crate::types::{Change, Notice, Side, Stats, Touched, UNSAID};

/// One change of a book with something against it.
pub(crate) fn fold_doubted(
    book: &mut Book,
    change: &Change,
    stats: &mut Stats,
    touched: &mut Touched,
) {
    if book.distrust & trust::TICK_EPOCH != 0 {
        return;
    }
    let &Change {
        side,
        price,
        size,
        bid,
        ask,
        ..
    } = change;
    stats.changes += 1;
    book.side_mut(side).set(price, size);
    if size > 0 {
        cross(book, side, price, stats);
    }
    if !book.had_snapshot {
        book.changes += 1;
    }
    if bid != UNSAID {
        compare(book, (bid, ask), stats, touched);
    }
    if book.distrust & trust::CROSSED != 0 {
        // Only a snapshot can leave a book crossed: a change removes what it crosses.
        if book.is_crossed() {
            stats.crossed += 1;
        } else {
            book.distrust &= !trust::CROSSED;
        }
    }
}

/// A level that crosses removes what it crosses: an aggressive order ate it, and no delta may ever say so.
#[inline]
pub(crate) fn cross(book: &mut Book, side: Side, price: u32, stats: &mut Stats) {
    let other = book.side_mut(side.other());
    while other.is_reached(price) {
        other.pop();
        stats.repaired += 1;
    }
}

/// Compares our best with the venue's own before that corrects anything, then prunes what is better than it.
pub(crate) fn compare(
    book: &mut Book,
    venue: (i32, i32),
    stats: &mut Stats,
    touched: &mut Touched,
) {
    let is_warm = book.is_warm();
    stats.checks += u64::from(is_warm);
    let (bid, ask) = (book.best_bid(), book.best_ask());
    if (bid as i32, ask as i32) == venue {
        if !is_warm {
            return;
        }
        stats.agree_before += 1;
        stats.agree_after += 1;
        if book.distrust != 0 {
            book.agreed();
        }
        return;
    }
    let pruned = prune(book, venue);
    stats.pruned += pruned;
    if !is_warm {
        return;
    }
    let agrees = (book.best_bid() as i32, book.best_ask() as i32) == venue;
    let (venue_bid, venue_ask) = venue;
    let token = book.token;
    touched.notices.push(Notice {
        token,
        bid,
        ask,
        venue_bid,
        venue_ask,
        pruned,
        agrees,
    });
    if agrees {
        stats.agree_after += 1;
        book.agreed();
    } else {
        book.distrust |= trust::SUSPECT;
    }
}

fn prune(book: &mut Book, (venue_bid, venue_ask): (i32, i32)) -> u64 {
    let mut pruned = 0;
    let [bids, asks] = &mut book.sides;
    while !bids.is_empty() && bids.best_price() as i32 > venue_bid {
        bids.pop();
        pruned += 1;
    }
    while !asks.is_empty() && (asks.best_price() as i32) < venue_ask {
        asks.pop();
        pruned += 1;
    }
    pruned
}

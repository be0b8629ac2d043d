//! What holds of ladders and folds for any input that a feed may bring.
#![allow(missing_docs)]

use std::collections::BTreeMap;

use polaris_book::{Change, Fault, Fold, Ladder, Side, TICKS, Touched, UNSAID, trust};
use proptest::prelude::*;

fn side() -> impl Strategy<Value = Side> {
    prop_oneof![Just(Side::Bid), Just(Side::Ask)]
}

fn size() -> impl Strategy<Value = u64> {
    prop_oneof![1 => Just(0), 2 => 1..=(1u64 << 53) - 1]
}

fn best() -> impl Strategy<Value = (i32, i32)> {
    prop_oneof![Just((UNSAID, UNSAID)), (0..=10_000, 0..=10_000)]
}

fn change() -> impl Strategy<Value = Change> {
    (1..=3u64, side(), 0..=10_000u32, size(), best()).prop_map(
        |(token, side, price, size, (bid, ask))| Change {
            token,
            side,
            price,
            size,
            bid,
            ask,
        },
    )
}

fn listed() -> Fold {
    let mut fold = Fold::default();
    for token in 1..=3 {
        assert_eq!(fold.list(token, 100), Ok(()));
    }
    fold
}

proptest! {
    #[test]
    fn a_ladder_is_a_map_that_knows_its_best(
        side in side(),
        tick in prop::sample::select(&TICKS),
        changes in prop::collection::vec((0..=10_000u32, size()), 0..120),
    ) {
        let mut ladder = Ladder::new(side, tick).unwrap();
        let mut map = BTreeMap::new();
        for (price, size) in changes {
            ladder.set(price, size);
            if size > 0 { map.insert(price, size) } else { map.remove(&price) };
            let mut wanted: Vec<_> = map.iter().map(|(&at, &size)| (at, size)).collect();
            if side == Side::Bid {
                wanted.reverse();
            }
            prop_assert_eq!(ladder.levels().collect::<Vec<_>>(), wanted.clone());
            let empty = if side == Side::Bid { 0 } else { 10_000 };
            prop_assert_eq!(ladder.best_price(), wanted.first().map_or(empty, |level| level.0));
            prop_assert!(wanted.iter().all(|&(at, size)| ladder.size_at(at) == size));
        }
        ladder.clear();
        prop_assert_eq!(ladder.levels().count(), 0);
    }

    #[test]
    fn changes_never_leave_a_book_crossed(changes in prop::collection::vec(change(), 0..200)) {
        let mut fold = listed();
        let mut touched = Touched { mark: 1.0, ..Touched::default() };
        for change in changes {
            fold.change(&[change], 5.0, &mut touched).unwrap();
            prop_assert!(!fold.book(change.token).unwrap().is_crossed());
        }
        prop_assert_eq!(fold.stats().crossed, 0);
        prop_assert!(touched.tokens.len() <= 3, "each token once");
    }

    #[test]
    fn a_checkpoint_goes_on_as_the_fold_does(
        before in prop::collection::vec(change(), 0..100),
        after in prop::collection::vec(change(), 0..100),
    ) {
        let mut fold = listed();
        let mut touched = Touched { mark: 1.0, ..Touched::default() };
        fold.change(&before, 5.0, &mut touched).unwrap();
        let mut other = Fold::default();
        other.load(*fold.stats(), &fold.save()).unwrap();
        fold.change(&after, 6.0, &mut touched).unwrap();
        other.change(&after, 6.0, &mut touched).unwrap();
        prop_assert_eq!(fold.save(), other.save());
        prop_assert_eq!(fold.stats(), other.stats());
    }

    #[test]
    fn frames_may_be_cut_anywhere(
        changes in prop::collection::vec(change(), 1..100),
        cut in 0..100usize,
    ) {
        let (mut whole, mut parts) = (listed(), listed());
        let mut touched = Touched { mark: 1.0, ..Touched::default() };
        whole.change(&changes, 5.0, &mut touched).unwrap();
        let (first, rest) = changes.split_at(cut.min(changes.len()));
        parts.change(first, 5.0, &mut touched).unwrap();
        parts.change(rest, 5.0, &mut touched).unwrap();
        prop_assert_eq!(whole.save(), parts.save());
        prop_assert_eq!(whole.stats(), parts.stats());
    }
}

#[test]
fn what_was_never_listed_is_a_fault_and_what_stands_before_it_is_folded() {
    let mut fold = listed();
    let mut touched = Touched {
        mark: 1.0,
        ..Touched::default()
    };
    let good = Change {
        token: 2,
        side: Side::Bid,
        price: 4_000,
        size: 5,
        bid: UNSAID,
        ask: UNSAID,
    };
    let bad = Change {
        token: 1 << 40,
        ..good
    };
    assert_eq!(
        fold.change(&[good, bad], 5.0, &mut touched),
        Err(Fault::Unlisted(1 << 40))
    );
    assert_eq!(fold.book(2).unwrap().best_bid(), 4_000);
    assert_eq!(touched.tokens, [2]);
}

#[test]
fn a_step_that_does_not_divide_the_range_is_a_fault_and_changes_nothing() {
    let mut fold = listed();
    let mut touched = Touched {
        mark: 1.0,
        ..Touched::default()
    };
    for tick in [0, 7, 300, 10_001] {
        assert_eq!(
            fold.regrid(1, tick, &mut touched),
            Err(Fault::NotATick(tick))
        );
        assert_eq!(fold.list(9, tick), Err(Fault::NotATick(tick)));
    }
    assert!(fold.book(9).is_none());
    assert_eq!(fold.book(1).unwrap().distrust, trust::NO_SNAPSHOT);
    assert!(touched.tokens.is_empty());
}

#[test]
fn a_far_token_costs_no_memory_and_stands_behind_the_near_ones() {
    let mut fold = listed();
    fold.list(1 << 50, 10).unwrap();
    fold.list(7, 10).unwrap();
    let tokens: Vec<u64> = fold.save().iter().map(|book| book.token).collect();
    assert_eq!(tokens, [1, 2, 3, 7, 1 << 50]);
}

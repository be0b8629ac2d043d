use polaris_book::{Ladder, PRICE_MAX, Side};

use crate::json::{Value, parse};
use crate::lines::BadRequest;
use crate::print::{push_number, push_text};
use crate::tape_text::{Tape, Update, Waiting, tape_from, update_from};

/// Nanoseconds from any start.
pub type Clock = fn() -> u64;

/// Seeds of the two halves of a state hash, and what they are multiplied with: `bench/orderbook/ts-race.ts`.
const HASH: [(u32, u32, u32); 2] = [(1, 0x9e37_79b1, 15), (2, 0x85eb_ca77, 13)];

/// Sums over all updates, and the hash that depends on each.
#[derive(Default)]
struct Sums {
    spread: u128,
    depths: [u128; 2],
    skipped: u64,
}

/// Races a book over a tape of updates, one clock reading before and behind each: set or delete a level, best bid and
/// ask, spread, depth of each side near its own best. Answers one JSON text.
///
/// # Errors
/// What is wrong with the tape.
pub fn bench_orderbook(text: &str, clock: Clock) -> Result<Vec<u8>, BadRequest> {
    let started = clock();
    let Some(Value::Object(document)) = parse(text) else {
        return Err(bad("not a JSON object"));
    };
    let tape = tape_from(&document).map_err(|what| bad(&what))?;
    let decoded = clock();
    let total = tape.iterations * tape.updates.len();
    let mut latencies = Vec::with_capacity(total);
    let (sums, hash) = run(&tape, clock, &mut latencies).map_err(|what| bad(&what))?;
    let done = clock();
    latencies.sort_unstable();
    let ms = |from: u64, to: u64| (to - from) as f64 / 1e6;
    let mut out = b"{".to_vec();
    let counts = [
        ("iterations", tape.iterations as f64),
        ("updates_per_iteration", tape.updates.len() as f64),
        ("total_updates", total as f64),
        ("skipped_updates", sums.skipped as f64),
        ("decode_ms", ms(started, decoded)),
        ("process_ms", ms(decoded, done)),
        ("total_ms", ms(started, done)),
    ];
    let times = latency_facts(&latencies);
    let [bids, asks] = sums.depths;
    let averages = [
        ("spread_avg", average(sums.spread * 100, total)),
        ("bid_depth_1pct_avg", average(bids, total)),
        ("ask_depth_1pct_avg", average(asks, total)),
    ];
    for (name, value) in counts.into_iter().chain(times).chain(averages) {
        push_text(&mut out, name.as_bytes());
        out.push(b':');
        push_number(&mut out, value);
        out.push(b',');
    }
    let [high, low] = hash;
    out.extend_from_slice(format!("\"state_hash\":\"{high:08x}{low:08x}\"}}").as_bytes());
    Ok(out)
}

fn bad(what: &str) -> BadRequest {
    BadRequest(format!("invalid_request: {what}").into_bytes())
}

fn run(
    tape: &Tape<'_>,
    clock: Clock,
    latencies: &mut Vec<u64>,
) -> Result<(Sums, [u32; 2]), String> {
    let mut sums = Sums::default();
    let mut hash = HASH.map(|(seed, ..)| seed);
    for _ in 0..tape.iterations {
        let mut sides = opening(&tape.initial)?;
        for update in &tape.updates {
            let started = clock();
            let update = match update {
                Waiting::Decoded(update) => *update,
                Waiting::Text(text) => {
                    let value = parse(text).ok_or("an update is not a JSON text")?;
                    update_from(&value)?
                }
            };
            match update {
                Some((side, price, size)) => {
                    sides[side as usize].set(price, size);
                }
                None => sums.skipped += 1,
            }
            let [bids, asks] = &sides;
            let spread = if bids.is_empty() || asks.is_empty() {
                0
            } else {
                i64::from(asks.best_price()) - i64::from(bids.best_price())
            };
            let depths = [depth(bids, tape.band_bps), depth(asks, tape.band_bps)];
            latencies.push(clock() - started);
            sums.spread += u128::from(spread.max(0).unsigned_abs());
            for (sum, depth) in sums.depths.iter_mut().zip(depths) {
                *sum += u128::from(depth);
            }
            for word in words(bids.best_price(), asks.best_price(), depths) {
                mix(&mut hash, word);
            }
        }
    }
    Ok((sums, hash))
}

/// Shares of a side within a band of its own best.
fn depth(side: &Ladder, band_bps: u64) -> u64 {
    let best = u64::from(side.best_price()) * 10_000;
    let band = u64::from(side.best_price()) * band_bps;
    let is_near = |&(price, _): &(u32, u64)| (u64::from(price) * 10_000).abs_diff(best) <= band;
    side.levels()
        .take_while(is_near)
        .map(|(_, size)| size)
        .sum()
}

fn words(bid: u32, ask: u32, [bids, asks]: [u64; 2]) -> [u32; 6] {
    let [low, high] = [|size: u64| size as u32, |size: u64| (size >> 32) as u32];
    [bid, ask, low(bids), high(bids), low(asks), high(asks)]
}

/// Each step can be undone, so two states that differ once differ for ever under the same updates.
fn mix(hash: &mut [u32; 2], word: u32) {
    for (half, (_, factor, shift)) in hash.iter_mut().zip(HASH) {
        *half = (*half ^ word).wrapping_mul(factor);
        *half ^= *half >> shift;
    }
}

fn opening(initial: &[Update]) -> Result<[Ladder; 2], String> {
    let tick = initial
        .iter()
        .fold(PRICE_MAX, |tick, &(_, price, _)| gcd(tick, price));
    let ladder = |side| Ladder::new(side, tick).map_err(|_| "no price is on a grid".to_owned());
    let mut sides = [ladder(Side::Bid)?, ladder(Side::Ask)?];
    for &(side, price, size) in initial {
        sides[side as usize].set(price, size);
    }
    Ok(sides)
}

fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// Average of whole millionths, rounded down to one, as a decimal.
fn average(sum: u128, count: usize) -> f64 {
    (sum / count as u128) as f64 / 1e6
}

fn latency_facts(sorted: &[u64]) -> [(&'static str, f64); 5] {
    let us = |ns: u64| ns as f64 / 1e3;
    let at = |p: f64| us(sorted[(p * (sorted.len() - 1) as f64).round() as usize]);
    let sum: u64 = sorted.iter().sum();
    [
        ("avg_update_us", us(sum) / sorted.len() as f64),
        ("p50_update_us", at(0.5)),
        ("p95_update_us", at(0.95)),
        ("p99_update_us", at(0.99)),
        ("max_update_us", us(sorted[sorted.len() - 1])),
    ]
}

//! What does one level change cost, best bid and ask told after each? Reads the changes that the bench made (six doubles
//! each), asserts that all contenders tell the same, and prints one JSON line per contender.
mod books;

use std::hint::black_box;
use std::time::Instant;

use books::{Book, Hft, Ladders, Nautilus, Orders, Trees};
use hftbacktest::depth::{BTreeMarketDepth, HashMapMarketDepth, ROIVectorMarketDepth};
use nautilus_model::enums::BookType;
use nautilus_model::identifiers::InstrumentId;
use nautilus_model::orderbook::OrderBook as NautilusBook;
use orderbook_rs::DefaultOrderBook;
use polaris_book::{Change, Fold, Ladder, Side, Touched, UNSAID};

struct Race {
    opening: Vec<Change>,
    live: Vec<Change>,
    books: usize,
    samples: usize,
}

impl Race {
    /// Every change into its book; a sum over all bests that were told.
    fn run<B: Book>(books: &mut [B], changes: &[Change]) -> u64 {
        let mut told = 0u64;
        for change in changes {
            let book = &mut books[change.token as usize];
            book.change(change);
            let (bid, ask) = book.best();
            told = told
                .wrapping_mul(31)
                .wrapping_add(u64::from(bid) + 7 * u64::from(ask));
        }
        told
    }

    fn time<B: Book>(&self, name: &str, most: usize, make: impl Fn() -> B) -> (u64, usize) {
        let live = &self.live[..most.min(self.live.len())];
        let mut times = Vec::new();
        let mut told = 0;
        for _ in 0..self.samples {
            let mut books: Vec<B> = (0..self.books).map(|_| make()).collect();
            black_box(Self::run(&mut books, &self.opening));
            let started = Instant::now();
            told = black_box(Self::run(&mut books, live));
            times.push(started.elapsed().as_nanos() as f64 / live.len() as f64);
        }
        print(name, &mut times);
        (told, live.len())
    }

    fn fold(&self) {
        let mut times = Vec::new();
        for _ in 0..self.samples {
            let (mut fold, mut touched) = (Fold::default(), Touched::default());
            for token in 0..self.books as u64 {
                fold.list(token, 100).expect("a tick");
                fold.snapshot(token, [&[], &[]], 1.0, &mut touched)
                    .expect("listed");
            }
            fold.change(&self.opening, 1.0, &mut touched)
                .expect("listed");
            let started = Instant::now();
            for (k, frame) in self.live.chunks(256).enumerate() {
                touched.restart(2.0 + k as f64);
                fold.change(frame, 2.0, &mut touched).expect("listed");
            }
            times.push(started.elapsed().as_nanos() as f64 / self.live.len() as f64);
            black_box(fold.stats());
        }
        print("polaris, fold with trust and statistics", &mut times);
    }
}

fn print(name: &str, times: &mut [f64]) {
    times.sort_by(f64::total_cmp);
    let at = |part: f64| times[((times.len() - 1) as f64 * part).round() as usize];
    println!(
        r#"{{"name":"{name}","medianNs":{:.2},"p99Ns":{:.2}}}"#,
        at(0.5),
        at(0.99)
    );
}

fn load(path: &str) -> Vec<Change> {
    let bytes = std::fs::read(path).expect("the changes");
    let (numbers, _) = bytes.as_chunks::<8>();
    let numbers: Vec<f64> = numbers
        .iter()
        .map(|bytes| f64::from_le_bytes(*bytes))
        .collect();
    let (rows, _) = numbers.as_chunks::<6>();
    rows.iter()
        .map(|&[token, side, price, size, _, _]| Change {
            token: token as u64,
            side: if side == 0.0 { Side::Bid } else { Side::Ask },
            price: price as u32,
            size: size as u64,
            bid: UNSAID,
            ask: UNSAID,
        })
        .collect()
}

/// `opening live books samples`
fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, opening, live, books, samples] = &arguments[..] else {
        eprintln!("usage: polaris-book-bench OPENING LIVE BOOKS SAMPLES");
        std::process::exit(2);
    };
    let race = Race {
        opening: load(opening),
        live: load(live),
        books: books.parse().expect("a number of books"),
        samples: samples.parse().expect("a number of samples"),
    };
    let ladder = || {
        Ladders(
            [Ladder::new(Side::Bid, 100), Ladder::new(Side::Ask, 100)]
                .map(|side| side.expect("a tick")),
        )
    };
    let ours = race.time("polaris, ladder alone", usize::MAX, ladder).0;
    race.fold();
    let btree = race.time("BTreeMap", usize::MAX, Trees::default).0;
    let roi = race
        .time("hftbacktest, ROIVector", usize::MAX, || {
            Hft(ROIVectorMarketDepth::new(0.01, 0.01, 0.0, 1.0))
        })
        .0;
    let hash = race
        .time("hftbacktest, HashMap", usize::MAX, || {
            Hft(HashMapMarketDepth::new(0.01, 0.01))
        })
        .0;
    let tree = race
        .time("hftbacktest, BTree", usize::MAX, || {
            Hft(BTreeMarketDepth::new(0.01, 0.01))
        })
        .0;
    let id = InstrumentId::from("X.SIM");
    let nautilus = race
        .time("nautilus-model, OrderBook", usize::MAX, || {
            Nautilus(NautilusBook::new(id, BookType::L2_MBP))
        })
        .0;
    for (name, told) in [
        ("BTreeMap", btree),
        ("ROIVector", roi),
        ("HashMap", hash),
        ("BTree", tree),
        ("nautilus", nautilus),
    ] {
        assert_eq!(told, ours, "{name} tells the same bests");
    }
    const SOME: usize = 5_000;
    let (orders, count) = race.time("orderbook-rs", SOME, || Orders(DefaultOrderBook::new("X")));
    let mut books: Vec<Ladders> = (0..race.books).map(|_| ladder()).collect();
    Race::run(&mut books, &race.opening);
    assert_eq!(
        orders,
        Race::run(&mut books, &race.live[..count]),
        "orderbook-rs tells the same bests"
    );
}

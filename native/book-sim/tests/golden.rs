//! The golden examples of the contract, and lines that are none.
#![allow(missing_docs, clippy::unwrap_used)]

use polaris_book_sim::{Options, answer_to_line, bench_orderbook, simulate_paper};

const SNAPSHOT: &str = r#"{"market_id":"m1","best_bid":0.47,"best_ask":0.48,"min_order_size":5,"tick_size":0.01,
    "bids":[{"price":0.47,"size":8},{"price":0.45,"size":50}],
    "asks":[{"price":0.48,"size":10},{"price":0.49,"size":20},{"price":0.52,"size":100}]}"#;

fn answer(intent: &str, options: Options) -> String {
    let request = format!(
        r#"{{"slippage_bps":40,"snapshots":{{"t1":{SNAPSHOT}}},"intents":[{{"intent_id":"i1","token_id":"t1","market_id":"m1",{intent}}}]}}"#
    );
    let answer = simulate_paper(&request, options).unwrap();
    String::from_utf8(answer).unwrap()
}

fn said(line: &str) -> String {
    String::from_utf8(answer_to_line(line, Options::default()).unwrap()).unwrap()
}

#[test]
fn the_golden_examples() {
    let filled = [
        (
            r#""side":"BUY","order_type":"FAK","shares":25,"limit_price":0.49"#,
            "25",
            "0.486",
            "12.15",
        ),
        (
            r#""side":"BUY","order_type":"FAK","shares":40,"limit_price":0.49"#,
            "30",
            "0.4866667",
            "14.6",
        ),
        (
            r#""side":"BUY","order_type":"FAK","notional_usd":2"#,
            "5",
            "0.48",
            "2.4",
        ),
        (
            r#""side":"SELL","order_type":"FAK","shares":20,"limit_price":0.45"#,
            "20",
            "0.458",
            "9.16",
        ),
        (
            r#""side":"BUY","order_type":"FAK","shares":5,"limit_price":0.478"#,
            "5",
            "0.48",
            "2.4",
        ),
    ];
    for (intent, size, price, notional) in filled {
        let answer = answer(intent, Options::default());
        let fill = format!(
            r#""fill_price":{price},"fill_size":{size},"fill_notional_usd":{notional},"fee_usd":0"#
        );
        assert!(answer.contains(&fill), "{intent}: {answer}");
    }
    let refused = [
        (
            r#""side":"BUY","order_type":"FOK","shares":40,"limit_price":0.49"#,
            "insufficient_liquidity",
        ),
        (
            r#""side":"BUY","order_type":"FAK","shares":25,"limit_price":0.47"#,
            "preflight_price_drift",
        ),
        (
            r#""side":"BUY","order_type":"FAK","shares":0,"limit_price":-1"#,
            "invalid_price",
        ),
    ];
    for (intent, reason) in refused {
        let answer = answer(intent, Options::default());
        assert!(answer.starts_with(
            r#"{"fills":[],"events":[{"intent_id":"i1","event_type":"reject","status_code":422"#
        ));
        assert!(answer.contains(reason), "{intent}: {answer}");
    }
}

#[test]
fn an_order_is_raised_to_the_least_size_or_refused() {
    let keeps = Options {
        raises_to_min_size: false,
        ..Options::default()
    };
    let small = r#""side":"BUY","order_type":"FAK","shares":2,"limit_price":0.48"#;
    assert!(answer(small, Options::default()).contains(r#""requested_size":5"#));
    assert!(answer(small, keeps).contains("below_min_order_size"));
}

#[test]
fn a_line_that_is_no_request_is_answered_all_the_same() {
    for line in [
        "{",
        "[]",
        "7",
        r#"{"payload":{}}"#,
        r#"{"id":"a","__proto__":1}"#,
    ] {
        assert!(
            said(line).starts_with(
                r#"{"id":"unknown","ok":false,"result":null,"error":"invalid_request: "#
            )
        );
    }
    let deep = format!(
        r#"{{"id":"a","more":{}{}}}"#,
        "[".repeat(99_999),
        "]".repeat(99_999)
    );
    assert!(said(&deep).contains("unknown"));
    assert!(said(r#"{"id":"\ud800é\u0001"}"#).starts_with(r#"{"id":"\ud800é\u0001","ok":false"#));
    assert!(answer_to_line(" \t\u{a0}\u{feff}\r", Options::default()).is_none());
}

#[test]
fn a_tape_is_raced_and_a_bad_one_refused() {
    let levels = r#""initial_bids":[{"price":0.4995,"size":10}],"initial_asks":[{"price":0.5005,"size":20}]"#;
    let race = |updates: &str| {
        let tape = format!(r#"{{"iterations":2,"depth_pct":0.01,{levels},"updates":[{updates}]}}"#);
        bench_orderbook(&tape, || 0).map(|out| String::from_utf8(out).unwrap())
    };
    let out = race(r#"{"side":"BID","price":0.49,"size":5},{"side":"ASK","price":1.2,"size":5}"#)
        .unwrap();
    assert!(
        out.contains(r#""total_updates":4,"skipped_updates":2"#),
        "{out}"
    );
    assert!(
        out.contains(r#""spread_avg":0.001,"bid_depth_1pct_avg":10,"ask_depth_1pct_avg":20"#),
        "{out}"
    );
    let as_text = r#""{\"side\":\"BID\",\"price\":\"0.49\",\"size\":\"5\"}""#;
    let number = race(r#"{"side":"BID","price":0.49,"size":5}"#).unwrap();
    assert_eq!(
        race(as_text).unwrap(),
        number,
        "a text is decoded to the same"
    );
    for wrong in [
        "",
        "7",
        r#"{"side":"bid","price":0.49,"size":5}"#,
        r#"{"side":"BID","price":0.49,"size":-5}"#,
        r#""{""#,
    ] {
        assert!(race(wrong).is_err(), "{wrong}");
    }
}

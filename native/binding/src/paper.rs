use std::sync::OnceLock;
use std::time::Instant;

use neon::prelude::*;
use polaris_book_sim::{BadRequest, Options};

/// `simulatePaper(json)`: the answer to one request of the paper book-sim; throws `invalid_request: …`.
pub fn simulate_paper(mut cx: FunctionContext) -> JsResult<JsString> {
    let request = cx.argument::<JsString>(0)?.value(&mut cx);
    tell(
        &mut cx,
        polaris_book_sim::simulate_paper(&request, Options::default()),
    )
}

/// `benchOrderbook(json)`: what a race over a tape found; throws what is wrong with the tape.
pub fn bench_orderbook(mut cx: FunctionContext) -> JsResult<JsString> {
    let tape = cx.argument::<JsString>(0)?.value(&mut cx);
    tell(
        &mut cx,
        polaris_book_sim::bench_orderbook(&tape, nanoseconds),
    )
}

fn tell<'cx>(
    cx: &mut FunctionContext<'cx>,
    answer: Result<Vec<u8>, BadRequest>,
) -> JsResult<'cx, JsString> {
    match answer {
        Ok(text) => Ok(cx.string(String::from_utf8_lossy(&text))),
        Err(BadRequest(why)) => cx.throw_error(String::from_utf8_lossy(&why)),
    }
}

fn nanoseconds() -> u64 {
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed().as_nanos() as u64
}

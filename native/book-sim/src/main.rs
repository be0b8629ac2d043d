//! `polaris-book-sim`: the paper book-sim as a process. `simulate-paper` answers one request, `daemon` a conversation in
//! lines, `bench-orderbook` races a book over a tape. Exit 2 for an unknown command or a request that is none.

use std::io::{self, BufRead, Read, Write};
use std::process::ExitCode;
use std::time::Instant;

use polaris_book_sim::{BadRequest, Options, answer_to_line, bench_orderbook, simulate_paper};

const USAGE: &str =
    "polaris-book-sim (simulate-paper | daemon | bench-orderbook) [--guard-legs] [--keep-size]";
/// Longest line and longest request, in bytes.
const LINE_MAX: u64 = 64 << 20;

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let command = words.next().unwrap_or_default();
    let Some(options) = options_from(words) else {
        return said(USAGE);
    };
    let done = match command.as_str() {
        "simulate-paper" => once(|text| simulate_paper(text, options)),
        "bench-orderbook" => once(|text| bench_orderbook(text, nanoseconds)),
        "daemon" => converse(options),
        _ => return said(USAGE),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever asked is gone.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => said(&error.to_string()),
    }
}

fn said(sentence: &str) -> ExitCode {
    eprintln!("polaris-book-sim: {sentence}");
    ExitCode::from(2)
}

fn options_from(words: impl Iterator<Item = String>) -> Option<Options> {
    let mut options = Options::default();
    for word in words {
        match word.as_str() {
            "--guard-legs" => options.guards_legs = true,
            "--keep-size" => options.raises_to_min_size = false,
            _ => return None,
        }
    }
    Some(options)
}

/// One request on stdin, one answer on stdout.
fn once(answer: impl Fn(&str) -> Result<Vec<u8>, BadRequest>) -> io::Result<()> {
    let mut bytes = Vec::new();
    io::stdin().take(LINE_MAX).read_to_end(&mut bytes)?;
    let mut out = answer(&String::from_utf8_lossy(&bytes)).map_err(|BadRequest(why)| {
        io::Error::new(io::ErrorKind::InvalidInput, String::from_utf8_lossy(&why))
    })?;
    out.push(b'\n');
    io::stdout().write_all(&out)
}

/// Answers line by line until stdin ends. Each answer leaves at once.
fn converse(options: Options) -> io::Result<()> {
    let mut asked = io::stdin().lock();
    let mut told = io::stdout().lock();
    let mut line = Vec::new();
    loop {
        line.clear();
        asked.by_ref().take(LINE_MAX).read_until(b'\n', &mut line)?;
        if line.is_empty() {
            return Ok(());
        }
        let is_whole = line.ends_with(b"\n");
        if !is_whole && line.len() as u64 == LINE_MAX {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "a line is too long",
            ));
        }
        if let Some(mut out) = answer_to_line(&String::from_utf8_lossy(&line), options) {
            out.push(b'\n');
            told.write_all(&out)?;
            told.flush()?;
        }
    }
}

fn nanoseconds() -> u64 {
    use std::sync::OnceLock;
    static START: OnceLock<Instant> = OnceLock::new();
    START.get_or_init(Instant::now).elapsed().as_nanos() as u64
}

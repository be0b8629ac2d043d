//! `polaris-decode-bench FILE SAMPLES`: folds the frames of a file, one a line, by every contender, and prints what each
//! took: per frame, so that the slow ones are seen. Frames are price changes of listed tokens; the first line is the list.
#![forbid(unsafe_code)]

mod contenders;

use std::time::Instant;

use contenders::{Contender, Race};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let (Some(file), Some(samples)) = (args.next(), args.next()) else {
        return Err("polaris-decode-bench FILE SAMPLES".into());
    };
    let samples: usize = samples.parse()?;
    let text = std::fs::read(file)?;
    let race = Race::of(&text)?;
    let mut found = Vec::new();
    let mut states = Vec::new();
    for contender in Contender::ALL {
        let mut fold = race.fold()?;
        race.run(contender, &mut fold, |_| {})?;
        states.push(race.state(&fold));
        found.push((contender, Vec::new(), Vec::new()));
    }
    if states.iter().any(|state| *state != states[0]) {
        return Err("the contenders leave different books".into());
    }
    let idle = idle_ns();
    for _ in 0..samples {
        for (contender, each, whole) in &mut found {
            let mut fold = race.fold()?;
            race.run(*contender, &mut fold, |_| {})?;
            let mut last = Instant::now();
            race.run(*contender, &mut fold, |_| {
                let now = Instant::now();
                each.push((now - last).as_nanos() as u64);
                last = now;
            })?;
            let started = Instant::now();
            race.run(*contender, &mut fold, |_| {})?;
            whole.push(started.elapsed().as_nanos() as u64 / race.frames().len() as u64);
        }
    }
    let rows: Vec<String> = found
        .into_iter()
        .map(|(contender, mut each, mut whole)| {
            each.sort_unstable();
            whole.sort_unstable();
            let at = |share: f64| {
                let place = (each.len() as f64 * share) as usize;
                each.get(place).map_or(0, |ns| ns.saturating_sub(idle))
            };
            format!(
                r#"{{"name":"{}","p50":{},"p99":{},"mean":{}}}"#,
                contender.name(),
                at(0.5),
                at(0.99),
                whole[whole.len() / 2]
            )
        })
        .collect();
    println!(
        r#"{{"state":"{:016x}","clock":{idle},"rows":[{}]}}"#,
        states[0],
        rows.join(",")
    );
    Ok(())
}

/// What two readings of the clock take, which is taken off every frame.
fn idle_ns() -> u64 {
    let mut all: Vec<u64> = Vec::new();
    let mut last = Instant::now();
    for _ in 0..100_000 {
        let now = Instant::now();
        all.push((now - last).as_nanos() as u64);
        last = now;
    }
    all.sort_unstable();
    all[all.len() / 2]
}

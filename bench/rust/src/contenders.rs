use std::collections::HashMap;
use std::error::Error;

use polaris_book::{Change, Fold, PRICE_MAX, Side, Touched};
use polaris_wire::{Frame, FramesProgress, FramesStop, TokenIds, Unfolded, fold_frame, read_frame};
use serde::Deserialize;

/// A way from bytes to books.
#[derive(Clone, Copy)]
pub enum Contender {
    /// The reader of this repository.
    Polaris,
    /// `simd-json` into borrowed structs.
    SimdJson,
    /// `sonic-rs` into borrowed structs.
    SonicRs,
    /// `serde_json` into borrowed structs.
    SerdeJson,
}

impl Contender {
    /// All of them, ours first.
    pub const ALL: [Self; 4] = [
        Self::Polaris,
        Self::SimdJson,
        Self::SonicRs,
        Self::SerdeJson,
    ];

    /// As the table calls it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Polaris => "polaris",
            Self::SimdJson => "simd-json",
            Self::SonicRs => "sonic-rs",
            Self::SerdeJson => "serde_json",
        }
    }
}

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow)]
    price_changes: Vec<Row<'a>>,
    timestamp: &'a str,
    event_type: &'a str,
}

#[derive(Deserialize)]
struct Row<'a> {
    asset_id: &'a str,
    price: &'a str,
    size: &'a str,
    side: &'a str,
    best_bid: &'a str,
    best_ask: &'a str,
}

/// Frames, and the tokens that they speak of.
pub struct Race<'a> {
    tokens: Vec<&'a str>,
    frames: Vec<&'a [u8]>,
    opening: Vec<&'a [u8]>,
    ids: TokenIds,
    by_id: HashMap<&'a str, u64>,
}

impl<'a> Race<'a> {
    /// A file: the ids, spaces between; how many frames open the books; then the frames.
    ///
    /// # Errors
    /// What the file lacks.
    pub fn of(text: &'a [u8]) -> Result<Self, Box<dyn Error>> {
        let mut lines = text
            .split(|&byte| byte == b'\n')
            .filter(|line| !line.is_empty());
        let head = lines.next().ok_or("a file without ids")?;
        let tokens: Vec<&str> = std::str::from_utf8(head)?.split(' ').collect();
        let opening = std::str::from_utf8(lines.next().ok_or("no count")?)?.parse()?;
        let mut ids = TokenIds::default();
        let mut by_id = HashMap::new();
        for (token, id) in (1..).zip(&tokens) {
            ids.register(id.as_bytes(), token);
            by_id.insert(*id, token);
        }
        let mut all: Vec<&[u8]> = lines.collect();
        let frames = all.split_off(opening);
        Ok(Self {
            tokens,
            frames,
            opening: all,
            ids,
            by_id,
        })
    }

    /// The frames that are timed.
    pub fn frames(&self) -> &[&'a [u8]] {
        &self.frames
    }

    /// Books as they stand before the frames.
    ///
    /// # Errors
    /// A frame that cannot be folded.
    pub fn fold(&self) -> Result<Fold, Box<dyn Error>> {
        let mut fold = Fold::default();
        let mut touched = Touched::default();
        for (token, _) in (1..).zip(&self.tokens) {
            fold.list(token, 10).map_err(|fault| format!("{fault:?}"))?;
            fold.snapshot(token, [&[], &[]], 1.0, &mut touched)
                .map_err(|fault| format!("{fault:?}"))?;
        }
        self.over(&self.opening, Contender::Polaris, &mut fold, |_| {})?;
        Ok(fold)
    }

    /// Folds every frame, and tells of each when it is done.
    ///
    /// # Errors
    /// A frame that cannot be read or folded.
    pub fn run(
        &self,
        by: Contender,
        fold: &mut Fold,
        done: impl FnMut(usize),
    ) -> Result<(), Box<dyn Error>> {
        self.over(&self.frames, by, fold, done)
    }

    fn over(
        &self,
        frames: &[&[u8]],
        by: Contender,
        fold: &mut Fold,
        mut done: impl FnMut(usize),
    ) -> Result<(), Box<dyn Error>> {
        let mut touched = Touched::default();
        let mut frame = Frame::default();
        let mut scratch: Vec<u8> = Vec::new();
        let mut changes: Vec<Change> = Vec::new();
        let mut buffers = simd_json::Buffers::default();
        let mut progress = FramesProgress {
            stop: FramesStop::End,
            next: 0,
            frames: 0,
            changes: 0,
            unfolded: Unfolded::default(),
            t_us: 0,
        };
        for (k, bytes) in frames.iter().enumerate() {
            touched.restart(k as f64 + 2.0);
            match by {
                Contender::Polaris => {
                    read_frame(bytes, &self.ids, &mut frame)
                        .map_err(|fault| format!("{fault:?}"))?;
                    fold_frame(&frame, fold, &mut touched, &mut progress)
                        .map_err(|fault| format!("{fault:?}"))?;
                }
                Contender::SimdJson => {
                    // It parses in place, so the bytes have to be its own.
                    scratch.clear();
                    scratch.extend_from_slice(bytes);
                    let message: Message<'_> =
                        simd_json::serde::from_slice_with_buffers(&mut scratch, &mut buffers)?;
                    self.apply(&message, &mut changes, fold, &mut touched)?;
                }
                Contender::SonicRs => {
                    let message: Message<'_> = sonic_rs::from_slice(bytes)?;
                    self.apply(&message, &mut changes, fold, &mut touched)?;
                }
                Contender::SerdeJson => {
                    let message: Message<'_> = serde_json::from_slice(bytes)?;
                    self.apply(&message, &mut changes, fold, &mut touched)?;
                }
            }
            done(k);
        }
        Ok(())
    }

    fn apply(
        &self,
        message: &Message<'_>,
        changes: &mut Vec<Change>,
        fold: &mut Fold,
        touched: &mut Touched,
    ) -> Result<(), Box<dyn Error>> {
        if message.event_type != "price_change" {
            return Ok(());
        }
        changes.clear();
        for row in &message.price_changes {
            changes.push(Change {
                token: *self.by_id.get(row.asset_id).ok_or("an unknown id")?,
                side: if row.side == "BUY" {
                    Side::Bid
                } else {
                    Side::Ask
                },
                price: units(row.price, 4)? as u32,
                size: units(row.size, 6)?,
                bid: best(row.best_bid, 0)?,
                ask: best(row.best_ask, PRICE_MAX as i32)?,
            });
        }
        let millis: u64 = message.timestamp.parse()?;
        fold.change(changes, (millis * 1_000) as f64, touched)
            .map_err(|fault| format!("{fault:?}"))?;
        Ok(())
    }

    /// A digest of every level of every book.
    pub fn state(&self, fold: &Fold) -> u64 {
        let mut sum = 0xcbf2_9ce4_8422_2325u64;
        for (token, _) in (1..).zip(&self.tokens) {
            let Some(book) = fold.book(token) else {
                continue;
            };
            for side in [Side::Bid, Side::Ask] {
                for (price, size) in book.side(side).levels() {
                    for number in [token, side as u64, u64::from(price), size] {
                        sum = (sum ^ number).wrapping_mul(0x0100_0000_01b3);
                    }
                }
            }
        }
        sum
    }
}

/// A decimal in whole units, exactly.
fn units(text: &str, places: usize) -> Result<u64, Box<dyn Error>> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if fraction.len() > places {
        return Err("finer than the unit".into());
    }
    let mut value: u64 = if whole.is_empty() { 0 } else { whole.parse()? };
    for at in 0..places {
        let digit = fraction.as_bytes().get(at).map_or(0, |digit| digit - b'0');
        value = value * 10 + u64::from(digit);
    }
    Ok(value)
}

fn best(text: &str, none: i32) -> Result<i32, Box<dyn Error>> {
    if text.is_empty() {
        return Ok(none);
    }
    Ok(match units(text, 4)? {
        0 => none,
        best => best as i32,
    })
}

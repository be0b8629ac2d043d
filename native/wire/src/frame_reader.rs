use crate::frame::{Frame, Message, MessageKind, Span, span};
use crate::frame_fault::{Expected, FrameFault, fault};
use crate::frame_fields::{EVENT_TYPE, Fields, Found, HASH, KEYS, MARKET, TIMESTAMP, TRANSACTION};
use crate::frame_hot::hot_message;
use crate::frame_rows::span_of;
use crate::ids::TokenIds;
use crate::json::{Json, Kind, Value};

/// Reads a whole frame: one message, or an array of messages, with white space around.
///
/// # Errors
/// The first place where it cannot be read. `frame` then holds the messages before that.
pub fn read_frame(bytes: &[u8], ids: &TokenIds, frame: &mut Frame) -> Result<(), FrameFault> {
    frame.restart();
    let json = Json(bytes);
    let mut at = json.behind_space(0);
    match json.byte(at)? {
        b'{' => at = read_message(bytes, at, ids, frame)?,
        b'[' => {
            at = json.behind_space(at + 1);
            if json.byte(at)? == b']' {
                at += 1;
            } else {
                loop {
                    if json.byte(at)? != b'{' {
                        return fault(at, Expected::Message);
                    }
                    at = json.behind_space(read_message(bytes, at, ids, frame)?);
                    match json.byte(at)? {
                        b',' => at = json.behind_space(at + 1),
                        b']' => break,
                        _ => return fault(at, Expected::Comma),
                    }
                }
                at += 1;
            }
        }
        _ => return fault(at, Expected::Message),
    }
    at = json.behind_space(at);
    if at < bytes.len() {
        return fault(at, Expected::Nothing);
    }
    Ok(())
}

/// Reads the message whose brace stands at `at` and adds it to `frame`; the place behind it.
///
/// # Errors
/// The first place where it cannot be read.
#[inline]
pub fn read_message(
    bytes: &[u8],
    at: usize,
    ids: &TokenIds,
    frame: &mut Frame,
) -> Result<usize, FrameFault> {
    match hot_message(bytes, at, ids, frame) {
        Some(behind) => Ok(behind),
        None => any_message(bytes, at, ids, frame),
    }
}

/// As `read_message`, in any form.
pub(crate) fn any_message(
    bytes: &[u8],
    at: usize,
    ids: &TokenIds,
    frame: &mut Frame,
) -> Result<usize, FrameFault> {
    let rows = frame.rows.len();
    let flags = (frame.is_plain, frame.is_odd);
    let reader = Reader {
        json: Json(bytes),
        ids,
    };
    let read = reader.message(at, frame);
    if read.is_err() {
        frame.rows.truncate(rows);
        frame.spans.truncate(rows);
        (frame.is_plain, frame.is_odd) = flags;
    }
    read
}

/// What a frame is read with.
pub struct Reader<'a> {
    pub json: Json<'a>,
    pub ids: &'a TokenIds,
}

impl Reader<'_> {
    fn message(&self, at: usize, frame: &mut Frame) -> Found<usize> {
        let (fields, behind) = self.fields(at, frame)?;
        let kind = self.kind(&fields);
        let mut message = Message {
            kind,
            t_us: 0,
            row: frame.rows.len() as u32,
            rows: 0,
            asset_token: 0,
            whole: span(at, behind),
            market: Span::default(),
            timestamp: Span::default(),
            hash: Span::default(),
            transaction: Span::default(),
        };
        if kind != MessageKind::Other {
            let timestamp = fields.text(TIMESTAMP)?;
            message.t_us = self.millis(timestamp)? * 1_000;
            message.timestamp = span_of(timestamp);
            message.market = span_of(fields.text(MARKET)?);
            message.hash = fields.said(HASH)?.map(span_of).unwrap_or_default();
        }
        match kind {
            MessageKind::Other => {}
            MessageKind::Book => message.asset_token = self.book(&fields, frame)?,
            MessageKind::PriceChange => self.changes(&fields, frame)?,
            MessageKind::Trade => {
                message.transaction = fields.said(TRANSACTION)?.map(span_of).unwrap_or_default();
                self.row((&fields, &fields), Span::default(), None, frame)?;
            }
            MessageKind::TickSize => self.tick(&fields, frame)?,
        }
        message.rows = frame.rows.len() as u32 - message.row;
        frame.messages.push(message);
        Ok(behind)
    }

    /// The fields of the object whose brace stands at `at`, and the place behind it.
    pub(crate) fn fields(&self, at: usize, frame: &mut Frame) -> Found<(Fields, usize)> {
        let json = self.json;
        let mut values = [Value::ABSENT; KEYS.len()];
        let mut next = json.behind_space(at + 1);
        if json.byte(next)? == b'}' {
            return Ok((Fields { at, values }, next + 1));
        }
        loop {
            let (key, from) = json.key(next)?;
            let (value, behind) = json.value(from)?;
            if let Some(slot) = self.slot(key) {
                if values[slot].kind != Kind::Absent {
                    return fault(next, Expected::Once);
                }
                values[slot] = value;
                frame.is_plain &= value.is_plain;
            }
            next = json.behind_space(behind);
            match json.byte(next)? {
                b',' => next = json.behind_space(next + 1),
                b'}' => return Ok((Fields { at, values }, next + 1)),
                _ => return fault(next, Expected::Comma),
            }
        }
    }

    fn slot(&self, key: Value) -> Option<usize> {
        self.with_text(key, |key| KEYS.iter().position(|&known| known == key))
    }

    fn kind(&self, fields: &Fields) -> MessageKind {
        let value = fields.values[EVENT_TYPE];
        if value.kind != Kind::Text {
            return MessageKind::Other;
        }
        self.with_text(value, |word| match word {
            b"book" => MessageKind::Book,
            b"price_change" => MessageKind::PriceChange,
            b"last_trade_price" => MessageKind::Trade,
            b"tick_size_change" => MessageKind::TickSize,
            _ => MessageKind::Other,
        })
    }
}

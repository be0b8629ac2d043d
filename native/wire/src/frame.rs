use polaris_book::Change;

/// What a message of the venue's market channel says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum MessageKind {
    /// Nothing of levels: it has another type, or none.
    Other = 0,
    /// `book`: the levels of a whole book, in the venue's order.
    Book,
    /// `price_change`, in any of its three forms.
    PriceChange,
    /// `last_trade_price`: one row, the side is the taker's.
    Trade,
    /// `tick_size_change`: one row, the old grid as its price and the new one as its size, both 1e-4 dollar.
    TickSize,
}

/// A piece of the frame: a string without its quotes; both 0 where it is not there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// Offset of its first byte.
    pub start: u32,
    /// Offset behind its last.
    pub end: u32,
}

/// One message of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message {
    /// What it says.
    pub kind: MessageKind,
    /// The venue's time, µs; 0 where `kind` is `Other`.
    pub t_us: u64,
    /// Its first row.
    pub row: u32,
    /// How many rows it has.
    pub rows: u32,
    /// Whose book a `book` states, which may have no rows; else 0.
    pub asset_token: u64,
    /// Where it stands.
    pub whole: Span,
    /// Its market.
    pub market: Span,
    /// The venue's own text of the time, which its hashes cover.
    pub timestamp: Span,
    /// The hash of the message; that of a row stands with the row.
    pub hash: Span,
    /// The hash of the transaction.
    pub transaction: Span,
}

/// Where the parts of a row stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowSpans {
    /// Whose row it is.
    pub asset: Span,
    /// The venue's own text of the price.
    pub price: Span,
    /// The venue's own text of the size.
    pub size: Span,
    /// The hash of the whole book after the change.
    pub hash: Span,
    /// Why it is no level, 0 where it is one; then price and size are 0. `UNFIT` in `engine/feeds/polymarket/decode/frame.ts`.
    pub unfit: u32,
}

/// What a frame says. Owned by the caller and used again for the next one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frame {
    /// Its messages, in order.
    pub messages: Vec<Message>,
    /// The rows of all messages. An asset that nobody registered has the token `UNKNOWN`.
    pub rows: Vec<Change>,
    /// Where the rows stand, one for each.
    pub spans: Vec<RowSpans>,
    /// Whether every string that was looked at is plain ASCII without escapes.
    pub is_plain: bool,
    /// Whether a row is no level, or has an unknown token.
    pub is_odd: bool,
}

impl Frame {
    /// Empties it.
    #[inline]
    pub fn restart(&mut self) {
        self.messages.clear();
        self.rows.clear();
        self.spans.clear();
        self.is_plain = true;
        self.is_odd = false;
    }

    /// The rows of one of its messages.
    #[inline]
    pub fn rows_of(&self, message: &Message) -> &[Change] {
        let from = message.row as usize;
        self.rows
            .get(from..from + message.rows as usize)
            .unwrap_or(&[])
    }
}

pub(crate) const fn span(start: usize, end: usize) -> Span {
    Span {
        start: start as u32,
        end: end as u32,
    }
}

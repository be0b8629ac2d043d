/// What should have stood where a frame cannot be read. `EXPECTED` in `engine/feeds/polymarket/decode/frame-fault.ts`, by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Expected {
    /// More bytes.
    More = 1,
    /// A value of JSON.
    Value,
    /// A key.
    Key,
    /// A colon.
    Colon,
    /// A comma, or the end of the object or array.
    Comma,
    /// An escape that JSON knows.
    Escape,
    /// A character of a string: control characters must be escaped.
    Character,
    /// A digit.
    Digit,
    /// No more than `DEPTH_MAX` values in each other.
    Depth,
    /// A message: an object, or an array of objects.
    Message,
    /// Nothing more.
    Nothing,
    /// A key only once.
    Once,
    /// A field that is not there; the place is that of its object.
    Field,
    /// A string.
    Text,
    /// An array of objects.
    List,
    /// A decimal.
    Decimal,
    /// `BUY` or `SELL`.
    Side,
    /// Milliseconds since the epoch.
    Millis,
    /// A price step.
    Tick,
}

/// Where a frame cannot be read, and what should have stood there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameFault {
    /// Offset within the bytes.
    pub at: usize,
    /// What should have stood there.
    pub expected: Expected,
}

/// What was found, or where it could not be.
pub(crate) type Found<T> = Result<T, FrameFault>;

/// A fault at a place.
pub(crate) fn fault<T>(at: usize, expected: Expected) -> Found<T> {
    Err(FrameFault { at, expected })
}

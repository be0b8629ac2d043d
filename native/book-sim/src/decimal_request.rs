/// One leg as it is asked for: numbers as they were written.
pub struct DecimalIntent<'v> {
    pub intent_id: &'v [u8],
    pub token_id: &'v [u8],
    pub market_id: &'v [u8],
    pub is_buy: bool,
    pub order_type: &'v [u8],
    pub limit_price: Option<f64>,
    pub shares: Option<f64>,
    pub notional_usd: Option<f64>,
}

/// Price and size as they were written.
pub type DecimalLevel = (f64, f64);

/// A token's book as it was written.
pub struct DecimalSnapshot<'v> {
    pub token: &'v [u8],
    pub best_bid: Option<f64>,
    pub best_ask: Option<f64>,
    pub min_order_size: Option<f64>,
    pub tick_size: Option<f64>,
    pub bids: Vec<DecimalLevel>,
    pub asks: Vec<DecimalLevel>,
}

/// A request whose shape is right.
pub struct DecimalRequest<'v> {
    pub slippage_bps: f64,
    pub intents: Vec<DecimalIntent<'v>>,
    pub snapshots: Vec<DecimalSnapshot<'v>>,
}

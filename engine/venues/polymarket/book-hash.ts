import type { BookHash } from '../venue.js'

/**
 * What Polymarket hashes: the compact JSON of the REST book with an empty `hash`, bids rising and asks falling. Source:
 * reproduced on recorded frames of 2026, where `price_changes[].hash` is the hash of the whole book after the change.
 */
export const bookHash: BookHash = {
  head: (market, key) => `{"market":"${market}","asset_id":"${key}","timestamp":"`,
  level: (price, size) => `{"price":"${price}","size":"${size}"}`,
  levels: (bids, asks) => `","hash":"","bids":[${bids}],"asks":[${asks}`,
  tail: facts => {
    const head =
      `],"min_order_size":"${facts.minOrderSize ?? '5'}","tick_size":"${facts.tickSize ?? '0.01'}",` +
      `"neg_risk":${facts.negRisk ?? false},"last_trade_price":"`
    const tail = facts.version === undefined ? '"}' : `","version":"${facts.version}"}`
    return price => head + price + tail
  },
}

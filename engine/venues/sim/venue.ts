import { polymarket } from '../polymarket/venue.js'
import type { Venue } from '../venue.js'

/** The simulated market: it charges and counts as Polymarket does, and hashes no books. */
export const sim: Venue = {
  ...without(polymarket),
  name: 'sim',
}

function without({ bookHash: _hash, ...rules }: Venue): Venue {
  return rules
}

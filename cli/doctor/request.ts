import { sweepRequest } from '#compat/book-sim/sweep-text.js'

/** A request of the paper book-sim: an order for 25 shares against two levels. */
export const requestOf = (): string =>
  sweepRequest([
    {
      order: 'doctor',
      token: 1,
      isBuy: true,
      limit: 4_900,
      size: 25_000_000,
      tick: 100,
      levels: [
        { price: 4_800, size: 10_000_000 },
        { price: 4_900, size: 20_000_000 },
      ],
    },
  ])

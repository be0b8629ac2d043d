import type { VenueOrder, VenueSession } from '#engine/gateways/venue-gateway.js'
import { makerFee, takerFee } from '#engine/venues/registry.js'
import type { EngineState } from './state.js'

/** What a venue's gateway has to know of the engine: names of tokens, fees, and orders of earlier lives of the run. */
export function sessionOf(state: EngineState, hear: VenueSession['hear']): VenueSession {
  const { instruments } = state
  return {
    hear,
    instrumentOf: token => {
      const native = instruments.native(token)
      const market = state.markets[state.marketOf[token] ?? -1]
      if (!native || !market) return undefined
      return {
        ...native,
        tick: state.book(token).tick,
        takerFee: (at, size) => takerFee(market, at, size),
        makerFee: (at, size) => makerFee(market, at, size),
      }
    },
    tokenOf: (venue, key) => instruments.tokenOf(venue, key),
    orders: [...state.oms.orders.values()].map(
      ({ id: order, venueOrder, token, side, tif, seq, placedUs, result }): VenueOrder => {
        return { order, venueOrder, token, side, tif, seq, placedUs, isOver: result !== undefined }
      },
    ),
  }
}

import type { Recorded } from '#schemas/recorded.js'
import { BID } from '#schemas/levels.js'
import type { Event, EventOf } from '#schemas/registry.js'
import { dollars, priceText, sharesText } from './money.js'

/** The events of one signal, from the tick that raised it to its end, as a trader reads them. */
export function tradeStory(rows: readonly Recorded[], signal: string): string[] {
  const raised = rows.find(
    ({ event }) => event.type === 'SignalRaised' && event.data.signal === signal,
  )
  const own = rows.filter(({ event }) => signalOf(event) === signal)
  const tick = rows.find(({ seq }) => seq === raised?.cause)
  return (tick ? [tick, ...own] : own).map(({ seq, tUs, cause, event }) => {
    const time = new Date(Math.floor(tUs / 1_000)).toISOString().slice(11, 23)
    const from = cause === 0 ? '' : `← ${cause}`
    return `  ${`${seq}`.padStart(6)} ${from.padEnd(8)} ${time}  ${event.type.padEnd(18)} ${wordsOf(event)}`.trimEnd()
  })
}

/** The signal that an event belongs to, if any. */
export function signalOf({ data }: Event): string | undefined {
  if ('signal' in data) return data.signal
  return 'order' in data ? data.order.split('.')[0] : undefined
}

function wordsOf(event: Event): string {
  switch (event.type) {
    case 'BookChanged':
      return 'a frame of level changes'
    case 'BookSnapshot':
      return 'a whole book'
    case 'SignalRaised': {
      const { legs, size, edge, cost, fee } = event.data
      const asks = legs.map(({ limit }) => priceText(limit)).join(' + ')
      return `${sharesText(size)} sets at ${asks}: ${dollars(cost)} and ${dollars(fee)} fees for ${dollars(size)}, ${edge} bps net`
    }
    case 'IntentApproved':
      return `at most ${dollars(event.data.notional)} reserved`
    case 'OrderPlaced':
      return orderText(event.data)
    case 'OrderAcknowledged':
      return `${sharesText(event.data.filled)} matched`
    case 'OrderRejected':
      return event.data.reason
    case 'FillReported':
      return `${sharesText(event.data.size)} at ${priceText(event.data.price)}, fee ${dollars(event.data.fee)}`
    case 'OrderFilled':
      return `cash ${dollars(event.data.cash)}`
    case 'ChaseStarted':
      return `the other legs, up to ${event.data.budget} bps above the ask`
    case 'FlattenStarted':
      return `${event.data.left.map(([, size]) => sharesText(size)).join(' and ')} without a match`
    case 'OrderClosed':
      return event.data.result
    case 'LegsSettled':
      return `${event.data.result}: ${sharesText(event.data.matched)} complete sets`
    default:
      return ''
  }
}

function orderText({
  action,
  rung,
  leg,
  side,
  size,
  limit,
}: EventOf<'OrderPlaced'>['data']): string {
  const what = side === BID ? 'buy' : 'sell'
  return `${action} ${rung}, leg ${leg}: ${what} ${sharesText(size)} at ${priceText(limit)} or better`
}

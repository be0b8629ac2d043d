import type { Recorded } from '#schemas/recorded.js'
import { BID } from '#schemas/levels.js'
import type { Event, EventOf } from '#schemas/registry.js'
import { isoOf } from './iso.js'
import { dollars, priceText, sharesText } from './money.js'

/** The events of one signal, from the tick that raised it to its end, as a trader reads them. */
export function tradeStory(rows: readonly Recorded[], signal: string): string[] {
  const raised = rows.find(
    ({ event }) => event.type === 'SignalRaised' && event.data.signal === signal,
  )
  const own = rows.filter(({ event }) => signalOf(event) === signal)
  const tick = rows.find(({ seq }) => seq === raised?.cause)
  return (tick ? [tick, ...own] : own).map(storyLine)
}

/** One event as a trader reads it: sequence, cause, time, what. */
export function storyLine({ seq, tUs, cause, event }: Recorded): string {
  const time = timeText(tUs)
  const from = cause === 0 ? '' : `← ${cause}`
  const what = `${event.type.padEnd(18)} ${wordsOf(event)}`
  return `  ${`${seq}`.padStart(6)} ${from.padEnd(8)} ${time}  ${what}`.trimEnd()
}

const timeText = (tUs: number): string => isoOf(tUs).slice(11, 23)

/** The signal that an event belongs to, if any. */
export function signalOf({ data }: Event): string | undefined {
  if ('signal' in data) return data.signal
  return 'order' in data ? data.order.split('.')[0] : undefined
}

/** What an event says, in a few words; empty where its name says it all. */
export function wordsOf(event: Event): string {
  switch (event.type) {
    case 'BookChanged':
      return 'a frame of level changes'
    case 'BookSnapshot':
      return 'a whole book'
    case 'SignalRaised': {
      const { legs, size, edge, cost, fee } = event.data
      const asks = legs.map(({ limit }) => priceText(limit)).join(' + ')
      const what = legs.length > 1 ? 'sets' : 'shares'
      return `${event.data.strategy}: ${sharesText(size)} ${what} at ${asks}: ${dollars(cost)} and ${dollars(fee)} fees for ${dollars(size)}, ${edge} bps net, ${event.data.bucket}`
    }
    case 'IntentApproved':
      return `at most ${dollars(event.data.notional)} reserved`
    case 'OrderPlaced':
      return orderText(event.data)
    case 'OrderAcknowledged':
      return `${sharesText(event.data.filled)} matched`
    case 'OrderRejected':
    case 'SignalDropped':
      return event.data.reason
    case 'IntentRefused':
      return event.data.reasons.join(', ')
    case 'DedupSignal':
      return `repeats ${event.data.repeats}`
    case 'HardStopTripped':
      return `${event.data.why}: ${event.data.detail}`
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
    case 'SignalQueued':
      return `waits with ${event.data.waiting - 1} others`
    case 'CooldownStarted':
      return `market ${event.data.market} rests until ${timeText(event.data.until)}`
    case 'OrderQueried':
      return `question ${event.data.query}: what became of it? until ${timeText(event.data.until)}`
    case 'OrderOutcomeUnknown':
      return event.data.why
    case 'HoldingsRequested':
      return 'what does the exchange say we hold?'
    case 'HoldingsReported':
      return `cash ${dollars(event.data.cash)}, ${event.data.positions.length} positions`
    case 'GateClosed':
      return `${event.data.gate} until ${timeText(event.data.until)}: ${event.data.detail}`
    case 'GateOpened':
      return `${event.data.gate}${event.data.probe ? ', for one signal' : ''}`
    case 'BookDistrusted':
    case 'SnapshotRequested':
      return `token ${event.data.token}: ${event.data.why}`
    case 'BookTrusted':
      return `token ${event.data.token}`
    case 'FillRefused':
      return `${event.data.trade}: ${event.data.reason}`
    case 'PositionSettled':
      return `${sharesText(event.data.size)} of token ${event.data.token} pay ${dollars(event.data.payout)}, cost ${dollars(event.data.cost)}`
    case 'LegsSettled':
      return `${event.data.result}: ${sharesText(event.data.matched)} ${event.data.legs.length > 1 ? 'complete sets' : 'shares'}`
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
  purpose,
}: EventOf<'OrderPlaced'>['data']): string {
  const what = side === BID ? 'buy' : 'sell'
  return `${action} ${rung}, leg ${leg}: ${what} ${sharesText(size)} at ${priceText(limit)} or better${purpose === undefined ? '' : `, ${purpose}`}`
}

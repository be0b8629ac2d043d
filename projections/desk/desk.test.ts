import t from 'tap'
import { CommandGiven } from '#schemas/events/run.js'
import { MarketListed } from '#schemas/events/market.js'
import { LegsSettled, SignalRaised } from '#schemas/events/signal.js'
import { DedupSignal } from '#schemas/events/signal.js'
import { OrderClosed, OrderPlaced } from '#schemas/events/order.js'
import { QuoteRefused } from '#schemas/events/signal.js'
import { BID } from '#schemas/levels.js'
import type { Event } from '#schemas/registry.js'
import type { Recorded } from '#schemas/recorded.js'
import { bps, price, shares, usdc } from '#schemas/units.js'
import type { CatalogMarket } from './catalog.js'
import { countAt, History, RECORDS_MAX } from './history.js'
import { intentsOf, proposalText, refusalText, type Proposal } from './intents.js'
import { dailyKpis } from './kpi.js'
import { lastStepAt, levelOf, scoreOf } from './levels.js'
import { similarTo } from './similar.js'

const HOUR_US = 3_600_000_000

const raised = (signal: string, edge = 100, legs = 2) =>
  SignalRaised.make({
    ...{ signal, strategy: 'parity', market: 1, bucket: 'thin', worst: 0, expires: 0 },
    ...{ size: shares(10_000_000), cost: usdc(9_000_000), fee: usdc(100_000), depth: usdc(0) },
    ...{ edge: bps(edge), spread: bps(10) },
    legs: Array.from({ length: legs }, (_, k) => ({
      ...{ token: k + 1, side: BID, limit: price(4_500), size: shares(10_000_000) },
      ...{ bid: price(4_400), ask: price(4_500) },
    })),
  })

/** A history of events, one a second unless a time is given. */
function told(
  ...events: (Event | readonly [tUs: number, event: Event, cause?: number])[]
): History {
  const history = new History()
  events.forEach((of, k) => {
    const [tUs, event, cause = 0] = Array.isArray(of)
      ? (of as [number, Event, number?])
      : [k * 1_000_000, of as Event]
    const row: Recorded = { seq: k + 1, tUs, cause, event }
    history.take(row)
  })
  return history
}

t.test('a signal by level and score', async t => {
  const { signals } = told(
    raised('s1-1', 250),
    raised('s2-1', 900, 1),
    raised('s3-1', -20),
    DedupSignal.make({ signal: 's3-1', repeats: 's1-1' }),
    LegsSettled.make({ signal: 's1-1', result: 'matched', matched: shares(0), legs: [] }),
  )
  t.same(signals.map(levelOf), ['P1', 'P2', 'P3'])
  t.same(
    signals.map(({ data }) => scoreOf(data)),
    [50, 100, 0],
  )
  t.equal(lastStepAt(signals[0]!, 4), undefined, 'what comes later is not known yet')
  t.match(lastStepAt(signals[0]!, 5), { state: 'settled', reasons: ['matched'] })
  t.same(
    [0, 1, 2, 9].map(seq => countAt(signals, seq)),
    [0, 1, 2, 3],
  )
})

t.test('rules by day are true means, over seven days alone', async t => {
  const day = 24 * HOUR_US
  const { signals } = told(
    [1 * day, raised('s1-1', 999)],
    [10 * day, raised('s2-1', 100)],
    [10 * day + HOUR_US, raised('s3-1', 200)],
    [10 * day + 2 * HOUR_US, raised('s4-1', 600, 1)],
    [11 * day, raised('s5-1', 50)],
  )
  const kpis = dailyKpis(signals, { tUs: 11 * day, days: 7 })
  t.match(kpis, [
    { day: 11, signals: 1, p1: 1, edges: 50 },
    { day: 10, signals: 3, p1: 2, edges: 900 },
  ])
  t.equal(kpis[1]!.gaps, 900 + 3 * 100, 'before fees')
})

t.test('intents are what the log says of them, and nothing else', async t => {
  const proposal: Proposal = {
    ...{ intent: 'i1', signal: 's1-1', ttlSecs: 60 },
    legs: [[1, BID, price(4_500), shares(6_000_000)]],
  }
  const note = (text: string) => CommandGiven.make({ command: 'note', by: 'test', text })
  const order = CommandGiven.make({
    command: 'order',
    by: 'test',
    intent: 'i1',
    legs: proposal.legs,
  })
  const placed = OrderPlaced.make({
    ...{ order: 'c1.0.1', signal: 'c1', leg: 0, attempt: 1, action: 'order', rung: 1, token: 1 },
    ...{ side: BID, limit: price(4_500), size: shares(6_000_000) },
  })
  const closed = (result: 'full' | 'partial') =>
    OrderClosed.make({ order: 'c1.0.1', result, filled: shares(0), cash: usdc(0), fee: usdc(0) })
  const statusOf = (history: History, nowUs = 0) => intentsOf(history, nowUs).map(one => one.status)
  const proposed = note(proposalText(proposal))
  t.same(statusOf(told(proposed)), ['suggested'])
  t.same(statusOf(told(proposed), 61_000_000), ['expired'])
  t.same(statusOf(told(proposed, note(refusalText('i1', ['hard-stop'])))), ['rejected'])
  t.same(statusOf(told(proposed, order)), ['rejected'], 'nothing left')
  t.same(statusOf(told(proposed, order, [0, placed, 2])), ['sent'])
  t.same(statusOf(told(proposed, order, [0, placed, 2], closed('full'))), ['filled'])
  t.same(statusOf(told(proposed, order, [0, placed, 2], closed('partial'))), ['sent'])
  const refused = QuoteRefused.make({ instance: 'c1', token: 1, side: BID, reasons: ['exposure'] })
  t.match(intentsOf(told(proposed, order, [0, refused, 2]), 0), [
    { status: 'rejected', reasons: ['exposure'] },
  ])
  for (const text of [
    'intent proposed',
    'intent proposed {',
    'intent proposed {"intent":1}',
    'hello',
  ])
    t.same(statusOf(told(note(text))), [], text)
})

t.test('history keeps to its bound, and counts what gave way', async t => {
  const history = new History()
  const note = CommandGiven.make({ command: 'note', by: 'test', text: '' })
  for (let seq = 1; seq <= RECORDS_MAX + 1; seq++)
    history.take({ seq, tUs: 0, cause: 0, event: note })
  t.ok(history.commands.length <= RECORDS_MAX)
  t.equal(history.commands.length + history.forgotten, RECORDS_MAX + 1)
})

t.test('markets of one event, or of like words, are similar', async t => {
  const market = (id: number, question: string, group = ''): CatalogMarket => ({
    ...MarketListed.make({
      ...{ market: id, venue: 'sim', key: `m${id}`, question, group, negRisk: false },
      ...{ minSize: shares(1), feeRate: bps(0), feeExponent: 1, inferred: false },
    }).data,
    seq: id,
    outcomes: [],
  })
  const one = market(1, 'Will the Fed cut rates in June?', 'fed')
  const all = [
    one,
    market(2, 'Will nobody chair the council?', 'fed'),
    market(3, 'Will the Fed cut rates in July?'),
    market(4, 'Will it rain in Oslo?'),
    market(5, ''),
  ]
  t.match(similarTo(one, all, 5), [
    { market: { market: 2 }, why: 'group' },
    { market: { market: 3 }, why: 'title' },
  ])
  t.equal(similarTo(one, all, 1).length, 1)
  t.same(similarTo(all[4]!, all, 5), [], 'a market without a name is like nobody')
})

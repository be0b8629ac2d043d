import t from 'tap'
import { FeedLost, TradePrinted } from '#schemas/events/feed.js'
import { MarketListed, TokenListed } from '#schemas/events/market.js'
import { SignalRaised } from '#schemas/events/signal.js'
import type { Recorded } from '#schemas/recorded.js'
import type { Event } from '#schemas/registry.js'
import { bps, price, shares, usdc } from '#schemas/units.js'
import { cents, micro, Story } from '#engine/run/testing/story.js'
import { account, RAZOR_FLAT, shadowFill } from './shadow.js'
import { shadowLegsFile, shadowLogFile } from './shadow-log.js'
import { linesFrom, type FileView } from './view.js'

const HALF = { ...RAZOR_FLAT, shareBps: { liquid: 5_000, thin: 5_000 } }
const PROFILE_FILE = shadowLogFile(HALF)

/** A book story without rules, in which a test raises the signal of the golden example at 1 s: 10 sets at .49 and .48. */
class Window {
  readonly story = new Story({ strategy: { names: [] } }).market()
  readonly rows: Recorded[] = this.story.rows

  constructor({ bids = [0.48, 0.47], asks = [0.49, 0.48], size = 10, depth = 100 } = {}) {
    ;[0, 1].forEach(k => {
      const bid = bids[k] ?? 0
      const levels = bid === 0 ? [] : [[bid, 100] as const]
      this.story.book(1, k + 1, { bids: levels, asks: [[asks[k] ?? 1, depth]] })
    })
    const legs = [0, 1].map(k => ({
      token: k + 1,
      side: 0 as const,
      limit: price(cents(asks[k] ?? 1)),
      size: shares(micro(size)),
      bid: price(cents(bids[k] ?? 0)),
      ask: price(cents(asks[k] ?? 1)),
    }))
    this.say(
      1_000,
      SignalRaised.make({
        signal: 's9-1',
        strategy: 'parity',
        market: 1,
        size: shares(micro(size)),
        cost: usdc(micro(9.7)),
        fee: usdc(0),
        edge: bps(300),
        bucket: 'thin',
        worst: 1,
        spread: bps(211),
        depth: usdc(micro(48)),
        expires: 9_000_000,
        legs,
      }),
    )
  }

  say(ms: number, event: Event): this {
    this.rows.push({ seq: this.rows.length + 1, tUs: ms * 1_000, cause: 0, event })
    return this
  }

  /** Somebody else's trade; `side` is the taker's. */
  print(
    ms: number,
    token: number,
    size: number,
    { at = 0.47, side = 1 }: { at?: number; side?: 0 | 1 } = {},
  ): this {
    const data = { token, side, price: price(cents(at)), size: shares(micro(size)), id: '' }
    return this.say(ms, TradePrinted.make(data))
  }

  /** Something that happens after the window. */
  over(ms = 2_101): this {
    return this.print(ms, 9, 1)
  }

  row(of: FileView = PROFILE_FILE): Record<string, string> {
    const [line = ''] = linesFrom(of, this.rows, { runId: 'r1' })
    const cells = line.match(/"[^"]*"|[^,]+|(?<=,|^)(?=,|$)/g) ?? []
    return Object.fromEntries(cells.map((cell, k) => [of.columns[k] ?? '?', cell]))
  }

  notes(): string {
    return this.row()['notes'] ?? ''
  }
}

const golden = (): Window => new Window().print(1_200, 1, 30).print(1_300, 2, 12).over()

t.test('the golden example of the earlier system, to the last digit', async t => {
  t.match(golden().row(), {
    run_id: 'r1',
    signal_id: 's9-1',
    signal_ts_unix_ms: '1000',
    window_start_ms: '1100',
    window_end_ms: '2100',
    q_req: '10.000000',
    legs_n: '2',
    q_set: '6.000000',
    leg0_v_mkt: '30.000000',
    leg0_q_fill: '10.000000',
    leg1_v_mkt: '12.000000',
    leg1_q_fill: '6.000000',
    cost_set: '5.936400',
    proceeds_set: '5.994000',
    pnl_set: '0.057600',
    pnl_left_total: '-0.211680',
    total_pnl: '-0.154080',
    q_fill_avg: '8.000000',
    set_ratio: '0.750000',
    fill_share_p25_used: '0.500000',
    dump_slippage_assumed: '0.050000',
  })
  t.equal(golden().notes(), '')
})

t.test('the 38 columns, in their order', async t => {
  const leg = (k: number): string[] =>
    ['token_id', 'p_limit', 'best_bid', 'v_mkt', 'q_fill'].map(name => `leg${k}_${name}`)
  const columns = [
    'run_id,schema_version,signal_id,signal_ts_unix_ms,window_start_ms,window_end_ms,market_id,strategy,bucket',
    'worst_leg_token_id,q_req,legs_n,q_set',
    ...[0, 1, 2].flatMap(leg),
    'cost_set,proceeds_set,pnl_set,pnl_left_total,total_pnl,q_fill_avg,set_ratio,fill_share_p25_used',
    'dump_slippage_assumed,notes',
  ]
  t.equal(PROFILE_FILE.columns.join(), columns.join())
  t.equal(PROFILE_FILE.columns.length, 38)
})

t.test('one unmatched share costs about what five and a half sets earn', async t => {
  const leg = { limit: 4_900, bid: 4_800 }
  const other = { limit: 4_800, bid: 4_700, filled: micro(6) }
  const { pnlSet, pnlLeft } = account([{ ...leg, filled: micro(10) }, other], micro(6), RAZOR_FLAT)
  t.equal(Math.round((pnlLeft / 4 / (pnlSet / 6)) * -10) / 10, 5.5)
})

t.test('the share comes from the bucket: 30 % of a liquid market, 10 % of a thin one', async t => {
  t.same(RAZOR_FLAT.shareBps, { liquid: 3_000, thin: 1_000 })
  t.equal(shadowFill({ asked: 100, volume: 55, shareBps: 3_000 }), 16, 'rounded down')
  t.equal(shadowFill({ asked: 10, volume: 55, shareBps: 3_000 }), 10, 'never more than asked')
  t.match(golden().row(shadowLogFile()), { fill_share_p25_used: '0.100000', q_set: '1.200000' })
})

t.test('a window is event time, not the time of a poll: both ends belong to it', async t => {
  const at = (ms: number): string => new Window().print(ms, 1, 8).over().row()['leg0_v_mkt'] ?? ''
  t.same([1_099, 1_100, 2_100, 2_101].map(at), ['0.000000', '8.000000', '8.000000', '0.000000'])
})

t.test('only takers on the other side could have filled us', async t => {
  const window = new Window().print(1_200, 1, 8, { side: 0 }).print(1_300, 1, 5).over()
  t.equal(window.row()['leg0_v_mkt'], '5.000000')
})

t.test('volume beyond the limit and on the far side is not counted', async t => {
  const far = new Window().print(1_200, 1, 8, { at: 0.5 }).print(1_200, 1, 8, { at: 0.4, side: 0 })
  t.equal(far.over().row()['leg0_v_mkt'], '0.000000')
  t.equal(new Window().print(1_200, 1, 8, { at: 0.49 }).over().row()['leg0_v_mkt'], '8.000000')
})

t.test('reasons say how far to trust a row', async t => {
  const full = (window: Window): Window => window.print(1_200, 1, 30).print(1_300, 2, 12)
  t.equal(new Window().over().notes(), '"NO_TRADES,WINDOW_EMPTY"')
  t.equal(new Window().print(1_200, 1, 3, { side: 0 }).over().notes(), 'NO_TRADES')
  t.equal(full(new Window()).print(2_001, 1, 1).over().notes(), 'WINDOW_DATA_GAP', '701 ms apart')
  t.equal(full(new Window()).print(2_000, 1, 1).over().notes(), '', '700 ms apart')
  t.equal(full(new Window()).notes(), 'WINDOW_DATA_GAP', 'the log ends before the window')
  const lost = FeedLost.make({ feed: 'x', why: 'closed' })
  t.equal(full(new Window()).say(1_400, lost).over().notes(), 'WINDOW_DATA_GAP')
  t.equal(full(new Window()).print(1_400, 1, 50_000).over().notes(), 'TRADE_SIZE_SUSPECT')
  t.equal(
    full(new Window({ bids: [0, 0.47] }))
      .over()
      .notes(),
    'MISSING_BID',
  )
  t.equal(full(new Window()).over(6_001).notes(), 'SIGNAL_TOO_OLD')
  const repeat = { type: 'DedupSignal' as const, data: { signal: 's9-1', repeats: 's1-1' } }
  t.equal(full(new Window()).say(1_400, repeat).over().notes(), 'DEDUP_HIT')
  t.equal(
    full(new Window({ size: 0 }))
      .over()
      .notes(),
    'INVALID_QTY',
  )
  t.equal(
    full(new Window({ asks: [0, 0.48] }))
      .over()
      .notes(),
    '"BUCKET_THIN_NAN,INVALID_PRICE"',
    'asks at nothing hold nothing',
  )
  const huge = full(new Window({ depth: 30_000_000 })).over()
  t.equal(huge.notes(), '"BUCKET_THIN_NAN,DEPTH_UNIT_SUSPECT"')
  t.equal(huge.row()['worst_leg_token_id'], '')
  t.equal(golden().row()['worst_leg_token_id'], 't2')
  const none = { ...RAZOR_FLAT, shareBps: { liquid: 0, thin: 0 } }
  t.equal(golden().row(shadowLogFile(none))['notes'], 'FILL_SHARE_P25_ZERO')
})

t.test('a leftover leg without a bid is worth nothing', async t => {
  const { total_pnl: total } = new Window({ bids: [0, 0.47] }).print(1_200, 1, 30).over().row()
  t.equal(total, '-4.998000', '10 × 0.49 × 1.02')
})

t.test(
  'five legs: totals over all of them, the three thinnest in the row, all in their own file',
  async t => {
    const story = new Story({ strategy: { names: [] } })
    const rows: Recorded[] = story.rows
    const say = (ms: number, event: Event): void => {
      rows.push({ seq: rows.length + 1, tUs: ms * 1_000, cause: 0, event })
    }
    story.market()
    const market = story.one('MarketListed')
    rows.splice(1)
    say(0, MarketListed.make({ ...market, key: 'five' }))
    const legs = [1, 2, 3, 4, 5].map(token => {
      const tick = price(100)
      const outcome = `${token}`
      const listed = { token, market: 1, index: token - 1, key: `t${token}`, outcome, tick }
      say(0, TokenListed.make(listed))
      const depth = [500, 50, 400, 30, 10][token - 1] ?? 0
      const asks = [cents(0.18), micro(depth)]
      say(1, {
        type: 'BookSnapshot',
        data: { token, bids: [cents(0.17), micro(9)], asks },
      })
      const at = { limit: price(1_800), bid: price(1_700), ask: price(1_800) }
      return { token, side: 0 as const, size: shares(micro(10)), ...at }
    })
    const money = { cost: usdc(micro(9)), fee: usdc(0), edge: bps(1_000), depth: usdc(0) }
    const size = shares(micro(10))
    const by = { strategy: 'basket', market: 1, bucket: 'thin' as const, worst: 4, spread: bps(9) }
    say(1_000, SignalRaised.make({ signal: 's1-1', size, ...money, ...by, expires: 0, legs }))
    for (const [k, volume] of [20, 18, 16, 14, 12].entries()) {
      const print = { token: k + 1, side: 1 as const, price: price(1_800), id: '' }
      say(1_200, TradePrinted.make({ ...print, size: shares(micro(volume)) }))
    }
    say(2_200, FeedLost.make({ feed: 'x', why: 'closed' }))
    const [line = ''] = linesFrom(PROFILE_FILE, rows)
    const cells = line.split(',')
    const cell = (name: string): string => cells[PROFILE_FILE.columns.indexOf(name)] ?? '?'
    t.same(
      [0, 1, 2].map(k => cell(`leg${k}_token_id`)),
      ['t2', 't4', 't5'],
    )
    t.equal(cell('legs_n'), '5')
    t.equal(cell('q_set'), '6.000000')
    t.equal(cell('cost_set'), '5.508000', '6 × 5 × 0.18 × 1.02')
    t.equal(cell('q_fill_avg'), '8.000000')
    t.equal(cell('pnl_left_total'), '-0.253300', '10 left × (0.17 × 0.95 × 0.98 − 0.18 × 1.02)')
    const all = linesFrom(shadowLegsFile(HALF), rows)
    t.equal(all.length, 5)
    const left = all.map(row => Number(row.split(',').at(-1)))
    t.equal(left.reduce((a, b) => a + b, 0).toFixed(6), '-0.253300')
  },
)

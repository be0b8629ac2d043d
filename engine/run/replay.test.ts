import fc from 'fast-check'
import t from 'tap'
import { LineWriter } from '#schemas/line/writer.js'
import type { Recorded } from '#schemas/recorded.js'
import { typeOf } from '#schemas/registry.js'
import { price, shares } from '#schemas/units.js'
import { micro, Story } from './testing/story.js'
import { STRATEGIES, type Strategies } from '#engine/strategies/registry.js'
import type { Intent } from '#engine/strategies/strategy.js'
import { RunRecovered } from '#schemas/events/run.js'
import { Replay, type Divergence } from './replay.js'
import { stateText } from './state-text.js'

/** A story in which every part of the engine has something to do. */
function busy(): Story {
  const story = new Story({
    sim: { fill_share_thin_bps: 4_000, jitter_ms: 60, reject_bps: 6_000 },
    oms: { cooldown_ms: 0 },
    risk: { exposure_max_micro: micro(25) },
  })
  for (const m of [1, 2, 3]) story.market(m, { feeRate: 400 })
  for (let k = 0; k < 60; k++) {
    const token = 1 + (k % 6)
    const ms = 10 + k * 37
    story.book(ms, token, { bids: [[0.2, 30]], asks: [[0.3 + (k % 9) / 40, 20 + k]] })
    story.change(ms + 5, token, 1, 0.7, k, [0.2, 0.3 + (k % 9) / 40])
    if (k === 30) story.lost(ms + 6).resumed(ms + 7)
    if (k === 40) story.retick(ms + 6, 3, 100, 10)
    if (k === 50) story.resolve(ms + 6, 1, 2)
    if (k === 25) story.command(ms + 6, 'pause')
    if (k === 29) story.command(ms + 6, 'resume')
    if (k === 55) story.command(ms + 6, 'pause')
  }
  return story.end()
}

const bytesOf = (rows: readonly Recorded[]): Uint8Array => {
  const writer = new LineWriter()
  for (const { seq, tUs, cause, event } of rows) writer.event(seq, tUs, cause, event)
  return writer.bytes
}
const replayed = (bytes: Uint8Array, strategies?: Strategies): Divergence | 'done' | undefined =>
  new Replay(strategies ? { strategies } : {}).lines(bytes)
const isInputOf = ({ event }: Recorded): boolean => typeOf(event.type).kind !== 'decision'

t.test('a run replays to the same bytes', async t => {
  const story = busy()
  const types = new Set(story.rows.map(({ event }) => event.type))
  for (const type of [
    'OrderFilled',
    'OrderRejected',
    'LegsSettled',
    'IntentRefused',
    'BookDistrusted',
  ] as const)
    t.ok(types.has(type), `the story has ${type}`)
  const replay = new Replay()
  t.equal(replay.lines(story.bytes), undefined)
  t.equal(replay.isEnded, true)
  t.equal(replay.loop?.lastSeq, story.loop.lastSeq)
  t.equal(replay.loop && stateText(replay.loop.state), stateText(story.loop.state))
})

t.test('a log cut at any turn replays, and says the same up to there', async t => {
  const { rows } = busy()
  const starts = rows.flatMap((row, k) => (isInputOf(row) ? [k] : []))
  let bad = 0
  for (const cut of starts.slice(1)) if (replayed(bytesOf(rows.slice(0, cut))) !== undefined) bad++
  t.equal(bad, 0, `${starts.length} cuts`)
})

t.test('lines may come in any portions of whole turns', async () => {
  const { rows } = busy()
  const starts = rows.flatMap((row, k) => (isInputOf(row) ? [k] : []))
  fc.assert(
    fc.property(fc.uniqueArray(fc.constantFrom(...starts), { maxLength: 12 }), cuts => {
      const replay = new Replay()
      const places = [0, ...cuts.sort((a, b) => a - b), rows.length]
      return places.every(
        (from, k) => replay.lines(bytesOf(rows.slice(from, places[k + 1]))) === undefined,
      )
    }),
    { numRuns: 40 },
  )
})

t.test('a run that goes on after a crash replays like any other', async t => {
  const first = busy()
  const cut = first.rows.findIndex(({ event }) => event.type === 'OrderPlaced') + 1
  const next = first.rows.findIndex((row, k) => k >= cut && isInputOf(row))
  const replay = new Replay()
  t.equal(replay.lines(bytesOf(first.rows.slice(0, next))), undefined)
  const { loop } = replay
  if (!loop) return void t.fail('the engine began')
  const rows: Recorded[] = [...first.rows.slice(0, next)]
  loop.keepIn(turn => void rows.push(...turn.rows))
  loop.catchUp(loop.tUs)
  loop.take(loop.tUs, RunRecovered.make({ lastSeq: loop.lastSeq, tornBytes: 0 }))
  for (const row of first.rows.slice(next)) {
    const { kind } = typeOf(row.event.type)
    if (kind !== 'feed') continue
    loop.catchUp(row.tUs)
    loop.take(row.tUs, row.event)
  }
  loop.catchUp(Number.POSITIVE_INFINITY)
  t.equal(replayed(bytesOf(rows)), undefined)
  const without = ({ event }: Recorded): boolean =>
    event.type !== 'RunRecovered' && event.type !== 'RunEnded'
  const told = (all: readonly Recorded[]) =>
    all.filter(without).map(({ tUs, event }) => ({ tUs, event }))
  t.same(told(rows), told(first.rows), 'ids, times and decisions are those of the undisturbed run')
})

t.test('negatives', async t => {
  const forged = (change: (rows: Recorded[]) => void): Divergence | 'done' | undefined => {
    const rows = structuredClone<Recorded[]>(busy().rows)
    change(rows)
    return replayed(bytesOf(rows))
  }
  const find = (rows: readonly Recorded[], type: string): number =>
    rows.findIndex(({ event }) => event.type === type)

  t.test('a forged decision is named, with what stands there and what should', async t => {
    let seq = 0
    const found = forged(rows => {
      const at = find(rows, 'IntentApproved')
      seq = rows[at]!.seq
      Object.assign(rows[at]!.event.data, { notional: 1 })
    })
    t.match(found, { seq, expected: /"notional":1,/, got: /IntentApproved/ })
  })

  t.test('a forged fill is named: answers are derived again', async t => {
    const found = forged(rows => {
      Object.assign(rows[find(rows, 'FillReported')]!.event.data, { size: shares(micro(1)) })
    })
    t.match(found, { expected: /"size":1000000,/, got: /FillReported/ })
  })

  t.test('a decision that nothing caused is named', async t => {
    const found = forged(rows => {
      const at = find(rows, 'BookChanged')
      const { seq, tUs } = rows[at]!
      rows.splice(at + 1, 0, {
        seq: seq + 1,
        tUs,
        cause: seq,
        event: { type: 'HardStopCleared', data: { by: 'a ghost' } },
      })
      rows.forEach((row, k) => Object.assign(row, { seq: k + 1 }))
    })
    t.match(found, { expected: /a ghost/ })
  })

  t.test('an answer that the exchange never gave is named', async t => {
    const found = forged(rows => {
      const at = find(rows, 'BookChanged')
      const data = { order: 's1-1.0.1', venueOrder: '', filled: shares(0) }
      const { tUs } = rows[at]!
      rows.splice(at + 1, 0, { seq: 0, tUs, cause: 0, event: { type: 'OrderAcknowledged', data } })
      rows.forEach((row, k) => Object.assign(row, { seq: k + 1 }))
    })
    t.match(found, { expected: /s1-1\.0\.1/ })
  })

  t.test('a decision that is missing is named', async t => {
    const found = forged(rows => {
      rows.splice(find(rows, 'SignalRaised'), 1)
      rows.forEach((row, k) => Object.assign(row, { seq: k + 1 }))
    })
    t.match(found, { got: /SignalRaised/ })
  })

  t.test('a changed input shows where it first changes a decision', async t => {
    const found = forged(rows => {
      const at = rows.findIndex(({ event }) => event.type === 'BookSnapshot')
      Object.assign(rows[at]!.event.data, { asks: [price(100), micro(900)] })
    })
    t.ok(found !== undefined && found !== 'done')
  })
})

t.test('a rule with hidden randomness or a hidden clock is caught', async t => {
  const parity = STRATEGIES['parity']!
  const sly = (whim: () => number): Strategies => ({
    ...STRATEGIES,
    parity: {
      ...parity,
      start: params => {
        const honest = parity.start(params)
        const lied = (intent: Intent): Intent =>
          intent.tag === 'set'
            ? { ...intent, proposal: { ...intent.proposal, edge: intent.proposal.edge - whim() } }
            : intent
        return { ...honest, on: (event, context) => honest.on(event, context).map(lied) }
      },
    },
  })
  const ran = (strategies: Strategies): Uint8Array => {
    const story = new Story({}, { strategies }).market()
    return story
      .book(1, 1, { asks: [[0.4, 50]] })
      .book(1, 2, { asks: [[0.5, 100]] })
      .end().bytes
  }
  t.equal(replayed(ran(STRATEGIES)), undefined, 'an honest one is not')
  for (const whim of [
    () => 1 + Math.floor(Math.random() * 1e6),
    () => 1 + Math.floor(performance.now() * 1e3),
  ]) {
    const strategies = sly(whim)
    t.match(replayed(ran(strategies), strategies), {
      expected: /SignalRaised/,
      got: /SignalRaised/,
    })
  }
})

t.test('until: stops before the turn behind the wanted sequence', async t => {
  const story = busy()
  const replay = new Replay({}, 40)
  t.equal(replay.lines(story.bytes), 'done')
  const last = replay.loop?.lastSeq ?? 0
  const next = story.rows[last]
  t.ok(next && next.seq > 40 && isInputOf(next))
})

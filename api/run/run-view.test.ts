import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import t from 'tap'
import type { Recorded } from '#schemas/recorded.js'
import { foldEvent, tsFold } from '#engine/book/ts-fold.js'
import { clearTouched, untouched } from '#engine/book/touched.js'
import { folderStore } from '#engine/log/store/folder-store.js'
import { healthFacts } from '#projections/health.js'
import { History } from '#projections/desk/history.js'
import { Moment } from '#projections/desk/moment.js'
import { summary } from '#projections/summary.js'
import { project } from '#projections/projection.js'
import { momentAt, stepFrom, timelineOf } from '../answers/moment.js'
import { bookAt } from '../answers/markets.js'
import { ordersAt, signalsAt } from '../answers/signals.js'
import { whyOf } from '../answers/why.js'
import { RunView } from './run-view.js'
import { Snapshots } from './snapshots.js'

const GOLDEN = resolve(import.meta.dirname, '..', '..', '..', 'test', 'golden-runs')
const RUN = join(GOLDEN, 'version-5')
const store = folderStore()

async function rowsOf(run: string): Promise<Recorded[]> {
  const rows: Recorded[] = []
  for await (const read of store.rows(run)) if (E.isRight(read)) rows.push(...read.right)
  return rows
}

const rows = await rowsOf(RUN)
const opened = async (run = RUN, every = 200): Promise<RunView> => {
  const view = new RunView(store, run, { snapshots: new Snapshots({ every }) })
  await view.catchUp()
  return view
}

/** The run behind one event, folded from the first one, without any snapshot. */
function fromStart(view: RunView, seq: number) {
  const [books, moment, history, touched] = [tsFold(), new Moment(), new History(), untouched()]
  for (const row of rows.slice(0, seq)) {
    clearTouched(touched)
    foldEvent(books, row.event, row.tUs, touched)
    const isSilent = ['FeedLost', 'BookHashDiffers', 'BookHashAgrees', 'BookIncomplete']
    if (isSilent.includes(row.event.type)) clearTouched(touched)
    history.take(row)
    moment.take(row, touched.tokens, history)
  }
  return { books, moment, shown: momentAt(view, { books, moment }) }
}

t.test('a run behind any event is what a fold from its first event gives', async t => {
  const view = await opened()
  t.equal(view.seq, rows.length)
  t.ok(view.snapshots.facts.count > 1)
  const tokens = [...view.catalog.tokens.values()]
  // Back and forth, so that cursors and snapshots both serve.
  const seqs = Array.from({ length: 24 }, (_, k) => 1 + ((k * 7_919) % rows.length))
  for (const seq of [1, ...seqs, rows.length]) {
    const whole = fromStart(view, seq)
    const there = await view.at(seq, ({ books, moment }) => ({
      shown: momentAt(view, { books, moment }),
      ladders: tokens.filter(one => one.seq <= seq).map(one => bookAt(one, { books, moment }, 100)),
    }))
    t.same(there.shown, whole.shown, `event ${seq}`)
    t.same(
      there.ladders,
      tokens.filter(one => one.seq <= seq).map(one => bookAt(one, whole, 100)),
    )
  }
  await view.close()
})

t.test('its end agrees with the other views of the log', async t => {
  const view = await opened()
  const { pnlMicro, orders, fills, signals, hardStop } = project(summary, rows)
  const shown = momentAt(view, view)
  const { realised, open, fees } = pnlMicro
  t.same(shown.pnl, { realised_micro: realised, open_micro: open, fees_micro: fees })
  t.equal(shown.hard_stop, hardStop)
  t.match(healthFacts(view.moment.health), { orders, fills, signals })
  t.equal(ordersAt(view, view, { limit: 1, offset: 0 }).total, orders)
  t.equal(signalsAt(view, view, { limit: 1, offset: 0 }).total, signals)
  await view.close()
})

t.test('steps go from one thing that the run did to the next, and back', async t => {
  const view = await opened()
  const marks = new Set(timelineOf(view).marks.map(({ seq }) => seq))
  const there: number[] = []
  for (let at: number | null = 0; at !== null;) {
    at = stepFrom(view, at, false).seq
    if (at !== null) there.push(at)
  }
  t.ok(there.length > 20)
  t.same(new Set(there), marks)
  const back: number[] = []
  for (let at: number | null = view.seq + 1; at !== null;) {
    at = stepFrom(view, at, true).seq
    if (at !== null) back.push(at)
  }
  t.same(back.reverse(), there)
  await view.close()
})

t.test('the why of an order begins with its tick and names the causes of all', async t => {
  const view = await opened()
  const [order] = ordersAt(view, view, { limit: 1, offset: 0 }).items
  const why = await whyOf(view, `order:${order?.order_id}`)
  t.equal(why.nodes[0]?.cause, 0)
  const known = new Set(why.nodes.map(({ seq }) => seq))
  t.ok(why.nodes.slice(1).every(({ cause }) => known.has(cause)))
  t.ok(why.nodes.some(({ type }) => type === 'OrderClosed'))
  await t.rejects(whyOf(view, 'order:nobody'), { message: "there is no order 'nobody'" })
  await t.rejects(whyOf(view, 'seq:1e9'), { message: /nothing is called/ })
  await view.close()
})

t.test('a log that grows is followed; one that is damaged says where', async t => {
  const whole = await opened()
  const dir = join(t.testdir(), 'run')
  mkdirSync(dir)
  cpSync(join(RUN, 'manifest.json'), join(dir, 'manifest.json'))
  const name = readdirSync(RUN).find(file => file.startsWith('events-'))!
  const bytes = readFileSync(join(RUN, name))
  const view = new RunView(store, dir, { snapshots: new Snapshots({ every: 50 }) })
  for (let at = 0; at < bytes.length; at += 60_000) {
    writeFileSync(join(dir, name), bytes.subarray(at, at + 60_000), { flag: 'a' })
    await view.catchUp()
    if (view.seq > 100) await view.at(100, ({ moment }) => t.equal(moment.seq, 100))
  }
  t.same(momentAt(view, view), momentAt(whole, whole))
  await view.close()
  const broken = Buffer.from(bytes)
  broken[Math.floor(bytes.length / 2)]! ^= 1
  writeFileSync(join(dir, name), broken)
  const damaged = new RunView(store, dir)
  await t.rejects(damaged.catchUp(), { message: /events-000001/ })
  await damaged.close()
  await whole.close()
})

t.test('snapshots keep to their bound', async t => {
  const snapshots = new Snapshots({ every: 20, bytesMax: 20_000 })
  const view = new RunView(store, RUN, { snapshots })
  await view.catchUp()
  t.ok(snapshots.facts.bytes <= 20_000)
  t.ok(snapshots.facts.everyEvents > 20)
  const there = await view.at(1_234, of => momentAt(view, of))
  t.same(there, fromStart(view, 1_234).shown)
  await view.close()
})

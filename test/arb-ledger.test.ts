import t from 'tap'
import type { Recorded } from '#schemas/recorded.js'
import { startEngine } from '#engine/run/start.js'
import type { EngineLoop } from '#engine/run/engine-loop.js'
import { startedWith } from '#engine/run/testing/story.js'
import { takeWholeRun } from '#engine/run/testing/whole-run.js'
import { CashLedger } from '#projections/arb/cash.js'
import { sumOf, Trades } from '#projections/arb/trades.js'
import { World } from '#projections/world.js'
import { chosen, marketInputs, withOperator } from './helpers/seeded.js'

const SEEDS = Number(process.env['POLARIS_SEEDS'] ?? 25)

/** A seeded run with faults, purses of its own and an operator, and what the arb tables are made of. */
async function told(seed: number) {
  const { config, faults } = chosen(seed)
  const rows: Recorded[] = []
  const started = startedWith(config, { seed, faults })
  const loop: EngineLoop<never> = startEngine<never>(started, turn => {
    rows.push(...turn.rows)
    return undefined
  })
  takeWholeRun(loop, started, withOperator(seed, await marketInputs(seed, 1_500), config))
  const [world, trades, cash] = [new World(), new Trades(), new CashLedger()]
  for (const row of rows) {
    world.take(row)
    trades.take(row, world)
    cash.take(row, world)
  }
  return { loop, rows, trades, cash, lots: trades.lots }
}

const total = <T>(all: Iterable<T>, of: (one: T) => number): number =>
  [...all].reduce((sum, one) => sum + of(one), 0)

t.test('lots and cash are the purses of the engine, to the micro dollar and share', async t => {
  let [fills, closed, purses] = [0, 0, 0]
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { loop, trades, cash, lots } = await told(seed)
    for (const { scope, exposure } of loop.state.purses.all) {
      purses++
      t.equal(cash.balances.get(scope), exposure.cash, `cash of ${scope}, seed ${seed}`)
      const own = lots.all.filter(({ of }) => of.scope === scope)
      for (const token of new Set([
        ...own.map(({ of }) => of.token),
        ...exposure.positions.keys(),
      ])) {
        const left = own.filter(({ of }) => of.token === token)
        const held = total(left, lot => (lot.of.side === 0 ? lot.remaining : -lot.remaining))
        const { size = 0 } = exposure.positions.get(token) ?? {}
        if (held !== size) t.equal(held, size, `token ${token} of ${scope}, seed ${seed}`)
      }
      const deposits = total(
        cash.entries.filter(of => of.scope === scope && of.type === 'deposit'),
        ({ amount }) => amount,
      )
      const [basis, realised] = [total(own, of => of.basis), total(own, of => of.realised)]
      t.equal(exposure.cash + basis, deposits + realised, `${scope} adds up, seed ${seed}`)
      const fees = total(own, of => of.feesPaid)
      t.equal(fees, exposure.fees, `fees of ${scope}, seed ${seed}`)
    }
    const net = total(trades.all, trade => sumOf(trade).net)
    t.equal(
      net,
      total(lots.all, of => of.realised),
      'every lot is of one trade',
    )
    fills += lots.all.length
    closed += lots.all.filter(({ remaining }) => remaining === 0).length
  }
  t.ok(fills > 4 * SEEDS && closed > 2 * SEEDS && purses > SEEDS, `${fills} lots, ${closed} closed`)
})

t.test('each balance begins where the last one of its purse ended', async t => {
  for (const seed of [1, 2, 5]) {
    const last = new Map<string, number>()
    for (const { scope, before, after, amount } of (await told(seed)).cash.entries) {
      if (before !== (last.get(scope) ?? 0)) t.equal(before, last.get(scope) ?? 0, scope)
      if (after !== before + amount) t.equal(after, before + amount, scope)
      last.set(scope, after)
    }
    t.ok(last.size > 0)
  }
})

import t from 'tap'
import type { DecisionConfig } from '#schemas/config.js'
import { QuotesSampled } from '#schemas/events/harvest.js'
import { CommandGiven, ConfigChanged } from '#schemas/events/run.js'
import type { Recorded } from '#schemas/recorded.js'
import type { FeedInput } from '#engine/feeds/feed.js'
import { prng } from '#engine/feeds/simulator/prng.js'
import { startEngine } from '#engine/run/start.js'
import { takeWholeRun } from '#engine/run/testing/whole-run.js'
import { startedWith } from '#engine/run/testing/story.js'
import { chosen, marketInputs } from './helpers/seeded.js'

const SEEDS = Number(process.env['POLARIS_SEEDS'] ?? 40)
const INPUTS = 400
/** So far from the mid that nothing of it is ever filled: what it does concerns nobody else. */
const FAR = 4_000

/** Everything that an engine says of these inputs. */
function runOf(config: DecisionConfig, seed: number, inputs: readonly FeedInput[]): Recorded[] {
  const rows: Recorded[] = []
  const started = startedWith(config, { seed, faults: [] })
  const loop = startEngine<never>(started, turn => void rows.push(...turn.rows))
  takeWholeRun(loop, started, inputs)
  return rows
}

/** Every event as text, with its time, without the sequence numbers that more events shift. */
const saidOf = (rows: readonly Recorded[], isWanted: (row: Recorded) => boolean): string[] =>
  rows.filter(isWanted).map(({ tUs, event }) => `${tUs} ${JSON.stringify(event)}`)

/** The inputs with what `some` says behind some of them. */
function between(
  inputs: readonly FeedInput[],
  seed: number,
  some: (k: number) => FeedInput['event'],
): FeedInput[] {
  const rng = prng(seed, 'between')
  const said: FeedInput[] = []
  inputs.forEach((input, k) => {
    said.push(input)
    if (rng.below(20) === 0) said.push({ tUs: input.tUs, event: some(k) })
  })
  return said
}

/** Whether an event speaks of the instance called so: by name, by its scope, or by an order of it. */
function concerns(name: string): (row: Recorded) => boolean {
  const orders = new Set<string>()
  return ({ event: { type, data } }) => {
    const of: Readonly<Record<string, unknown>> = { ...data }
    const isOwn = [of['instance'], of['scope'], of['owner'], of['signal']].includes(name)
    if (type === 'OrderPlaced' && isOwn) orders.add(String(of['order']))
    return isOwn || orders.has(String(of['order'])) || orders.has(String(of['id']))
  }
}

void t.test('what slow collectors bring decides nothing and renames nothing', async t => {
  const sample = (k: number) => QuotesSampled.make({ from: 'rest', rows: [k, 4_000, 4_100, -1, 0] })
  const isSample = ({ event }: Recorded): boolean => event.type === 'QuotesSampled'
  let [orders, samples] = [0, 0]
  for (let seed = 1; seed <= 6; seed++) {
    const { config } = chosen(seed)
    const inputs = await marketInputs(seed, INPUTS)
    const plain = runOf(config, seed, inputs)
    const sampled = runOf(config, seed, between(inputs, seed, sample))
    t.same(
      saidOf(sampled, row => !isSample(row)),
      saidOf(plain, () => true),
      `seed ${seed}`,
    )
    orders += placedIn(plain)
    samples += sampled.filter(isSample).length
  }
  t.ok(orders > 20 && samples > 60, `${orders} orders, ${samples} samples`)
})

void t.test(`commands that ask for nothing rename nothing, over ${SEEDS} seeds`, async t => {
  let orders = 0
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { config } = chosen(seed)
    const inputs = await marketInputs(seed, INPUTS)
    const note = () => CommandGiven.make({ command: 'note', by: 'test', text: 'a remark' })
    const plain = runOf(config, seed, inputs)
    const noted = runOf(config, seed, between(inputs, seed, note))
    const isNote = ({ event }: Recorded): boolean =>
      event.type === 'CommandGiven' && event.data.command === 'note'
    t.ok(noted.some(isNote))
    const [before, after] = [saidOf(plain, () => true), saidOf(noted, row => !isNote(row))]
    const at = before.findIndex((line, k) => line !== after[k])
    if (at >= 0 || before.length !== after.length) {
      t.fail(`seed ${seed}: ${before[at]} became ${after[at]}`)
      return
    }
    orders += placedIn(plain)
  }
  t.ok(orders > 10 * SEEDS, `${orders} orders`)
})

void t.test(
  `a reload of one instance changes no decision of another, over ${SEEDS} seeds`,
  async t => {
    let orders = 0
    for (let seed = 1; seed <= SEEDS; seed++) {
      const { config: base } = chosen(seed)
      const own = { id: 'far', strategy: 'quoting', scope: 'far' }
      const withFar = (half_spread_bps: number): DecisionConfig => ({
        ...base,
        strategy: {
          ...base.strategy,
          names: ['parity', 'quoting'],
          instances: [{ ...own, params: { half_spread_bps } }],
        },
        risk: {
          ...base.risk,
          global_exposure_max_micro: 0,
          error_rate_max_bps: 0,
          rejects_max: 10_000,
        },
        sim: { ...base.sim, lost_bps: 0, answer_lost_bps: 0, spike_every: 0 },
      })
      const inputs = await marketInputs(seed, INPUTS)
      const reload = (k: number) =>
        ConfigChanged.make({ config: withFar(FAR + (k % 7)), digest: String(k) })
      const plain = runOf(withFar(FAR), seed, inputs)
      const reloaded = runOf(withFar(FAR), seed, between(inputs, seed, reload))
      const others = (rows: readonly Recorded[]): string[] => {
        const isFar = concerns('far')
        return saidOf(rows, row => !isFar(row) && !OF_THE_RUN.has(row.event.type))
      }
      const [before, after] = [others(plain), others(reloaded)]
      if (before.join('\n') === after.join('\n')) orders += placedIn(plain)
      else {
        const at = before.findIndex((line, k) => line !== after[k])
        t.fail(`seed ${seed}: ${before[at]} became ${after[at]}`)
        return
      }
    }
    t.ok(orders > 10 * SEEDS, `${orders} orders`)
  },
)

/** Events that say when something was looked at, or name the configuration: they may differ. */
const OF_THE_RUN = new Set(['ConfigChanged', 'ClockTicked', 'RunStarted', 'RunEnded'])

const placedIn = (rows: readonly Recorded[]): number =>
  rows.filter(({ event }) => event.type === 'OrderPlaced').length

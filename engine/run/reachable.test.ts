import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import t from 'tap'
import type { Recorded } from '#schemas/recorded.js'
import { LEG_RESULTS } from '#schemas/reasons.js'
import { BID } from '#schemas/levels.js'
import { Explorer, keyOf, SIZE, type Place, type Step } from './testing/explorer.js'
import { cents } from './testing/story.js'

const DOCS = resolve(import.meta.dirname, '..', '..', '..', 'docs', 'OMS.md')
/** States explored at most: a bound that is never reached says that all of them were seen. */
const STATES_MAX = 50_000
/** The ask at the signal plus half the edge, rounded down to the tick: the most that a leg may pay. */
const CAP = cents(0.2)

/** Three legs have four times the states of two, and take a minute: they are walked where main is guarded. */
const LEGS = process.env['POLARIS_LONG'] === '1' ? [2, 3] : [2]

for (const legs of LEGS)
  t.test(`every state that a signal of ${legs} legs can reach has a way to its end`, async t => {
    const explorer = new Explorer(legs)
    const wrong: string[] = []
    const steps = new Set<string>()
    const results = new Set<string>()
    const seen = new Set<string>()
    const first = explorer.start()
    noteDown(first.rows, steps, results)
    const todo: Place[] = [first]
    for (let place = todo.shift(); place && seen.size <= STATES_MAX; place = todo.shift()) {
      const say = (what: string): void => {
        if (wrong.length < 5) wrong.push(`${what}: ${place.way.join(', ')}`)
      }
      endsInSilence(explorer, place, say)
      for (const step of explorer.steps(place)) {
        judge(step, say)
        if (step.to.isResolved && !place.isResolved) endsInSilence(explorer, step.to, say)
        noteDown(step.rows, steps, results)
        const key = keyOf(step.to, step.engine)
        if (seen.has(key)) continue
        seen.add(key)
        todo.push(step.to)
      }
    }
    t.same(wrong, [])
    t.same([...steps].sort(), documented().sort(), 'the steps of docs/OMS.md, each of them')
    t.same([...results].sort(), [...LEG_RESULTS].sort(), 'every way to end')
    t.ok(seen.size < STATES_MAX, `${seen.size} states, all of them`)
  })

/** Whatever was said so far: the clock alone brings the one terminal event, and nothing stays open. */
function endsInSilence(explorer: Explorer, place: Place, say: (what: string) => void): void {
  const { engine, rows } = explorer.silence(place)
  const settled = place.settled + rows.filter(({ event }) => event.type === 'LegsSettled').length
  if (settled !== 1) say(`${settled} terminal events after silence`)
  if (engine.state.oms.open.size > 0) say('open after silence')
}

/** What no single step may do. */
function judge({ rows, wasStopped, to }: Step, say: (what: string) => void): void {
  let isStopped = wasStopped
  for (const { event } of rows) {
    if (event.type === 'HardStopTripped') isStopped = true
    if (event.type === 'LegsSettled' && event.data.result === 'unmatched' && !isStopped)
      say('a leg without its match, and trading goes on')
    if (event.type !== 'OrderPlaced') continue
    const { side, limit, size } = event.data
    if (isStopped) say('an order after the hard stop')
    if (side === BID && limit > CAP) say(`bought up to ${limit}`)
    if (size > SIZE) say(`an order for ${size}`)
  }
  const trades = rows.flatMap(({ event }) =>
    event.type === 'OrderFilled' ? [event.data.trade] : [],
  )
  if (new Set(trades).size < trades.length) say('a fill booked twice')
  if (to.settled > 1) say('settled twice')
}

function noteDown(rows: readonly Recorded[], steps: Set<string>, results: Set<string>): void {
  for (const { event } of rows) {
    if (event.type === 'OrderPlaced') steps.add(`${event.data.action} ${event.data.rung}`)
    if (event.type === 'LegsSettled') results.add(event.data.result)
  }
}

/** The steps that the table of docs/OMS.md has: `fire`, `chase 1`, `flatten 1, 2, 3` and so on. */
function documented(): string[] {
  const rows = readFileSync(DOCS, 'utf8').matchAll(/^\| (fire|chase|flatten) *([\d, ]*)\|/gm)
  return [...rows].flatMap(([, phase = '', rungs = '']) =>
    (rungs.trim() || '1').split(',').map(rung => `${phase} ${rung.trim()}`),
  )
}

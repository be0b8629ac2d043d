import t from 'tap'
import { faultFrom, type ScriptedFault } from '#twin/faults.js'
import { CALM, compared, counts, heard, settled } from './helpers/heard-twin.js'

const script = (...texts: string[]): ScriptedFault[] =>
  texts.map(text => {
    const fault = faultFrom(text)
    if (typeof fault === 'string') throw new Error(fault)
    return fault
  })

void t.test('every book that is heard is the book of the venue', async t => {
  const run = await heard(3, {}, CALM)
  await settled(run)
  const { tokens, wrong, dark } = compared(run)
  const status = run.live.status()
  await run.stop()
  await run.venue.stop()
  t.equal(tokens, 26)
  t.same(wrong, [])
  t.same(dark, [])
  t.ok((status?.frames ?? 0) > 200, `${status?.frames} frames`)
  t.match(status, { lost: 0, staleBooks: 0, report: { skipped: [] } })
  t.ok(
    (status?.report.hashOk ?? 0) > 300 && status?.report.hashOk === status?.report.hashChecked,
    `${status?.report.hashOk} hashes`,
  )
})

/** Venues with their feeds that one thread serves at a time. */
const AT_ONCE = 4

const FAULTS: readonly (readonly [what: string, script: readonly string[]])[] = [
  ['connections that are dropped', ['close@0.6s', 'close@1.4s']],
  ['a silent stall', ['stall@0.5s+1.6s']],
  ['a half-open connection', ['half-open@0.5s+1.6s']],
  ['frames that are lost', ['drop-frames@0.5s+1s']],
  ['frames that come twice', ['duplicate-frames@0.3s+2s']],
  ['frames that change places', ['reorder-frames@0.5s+1s']],
  ['frames that are cut off', ['garbage-frames@0.5s+1s']],
  ['frames that come late', ['delay-frames@0.5s+1s']],
  ['REST that fails while books are wanted', ['rest-500@0s+1.2s', 'close@0.5s']],
  ['REST that puts off', ['garbage-frames@0.5s+0.6s', 'rest-429@0.5s+0.8s']],
  ['REST that is stale', ['stale-rest@0.4s+1s', 'garbage-frames@0.8s+0.4s']],
]

void t.test("whatever goes wrong, books are the venue's again, or not traded", async t => {
  const judged = async ([what, texts]: (typeof FAULTS)[number]) => {
    const faults = { faults: script(...texts), seed: 5, speed: 10 }
    const run = await heard(4.5, faults, { restAgeMs: 1_000 })
    await settled(run)
    const { wrong, dark } = compared(run)
    await run.stop()
    await run.venue.stop()
    const traded = wrong.filter(one => !dark.includes(one.split(' ')[0] ?? ''))
    return { what, traded, dark, heard: JSON.stringify(counts(run.inputs)) }
  }
  const all = []
  for (let k = 0; k < FAULTS.length; k += AT_ONCE)
    all.push(...(await Promise.all(FAULTS.slice(k, k + AT_ONCE).map(judged))))
  for (const { what, traded, dark, heard } of all) {
    t.same(traded, [], `${what}: no book that is traded is another than the venue's (${heard})`)
    t.same(dark, [], `${what}: all books are traded again`)
  }
})

import { cpSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { completed } from '#schemas/config.js'
import { loadAddon } from '#engine/native/addon.js'
import { startOf } from '#cli/runs.js'
import { polarisWarm as polaris, ROOT } from './helpers/cli.js'

const GOLDEN = join(ROOT, 'test', 'golden-runs')
const dir = t.testdir()
const backends = typeof loadAddon() === 'string' ? ['ts'] : ['ts', 'native']

t.test(
  'runs that earlier versions recorded still verify, and replay to the same bytes',
  async t => {
    const names = readdirSync(GOLDEN)
    t.ok(names.includes('version-1'))
    for (const name of names) {
      const run = join(dir, name)
      cpSync(join(GOLDEN, name), run, { recursive: true })
      t.match(polaris('verify', run, '--json').json, { status: 'intact', sealed: true }, name)
      for (const backend of backends) {
        const replay = polaris('replay', run, '--verify', '--backend', backend, '--json')
        t.match(replay.json, { identical: true, firstDivergence: null }, `${name}, ${backend}`)
      }
      t.equal(polaris('summary', run).code, 0, name)
    }
  },
)

t.test('an old run is swept and counterfactually run by the rules of its own schema', async t => {
  for (const name of readdirSync(GOLDEN)) {
    const run = join(dir, `${name}-again`)
    cpSync(join(GOLDEN, name), run, { recursive: true })
    const { config, schema, exchange } = (await startOf(run)).data
    // What a venue answered the simulated exchange answers otherwise.
    if (exchange === 'venue') continue
    const own = `parity.min_edge_bps=${completed(config).parity.min_edge_bps}`
    const { source: _is, ...was } = polaris('summary', run, '--json').json
    const swept = polaris('sweep', run, '--vary', own, '--json').json['rows']
    const [row] = swept as readonly { summary: Record<string, unknown> }[] // as sweep prints them
    const { source: _was, ...is } = row?.summary ?? {}
    t.strictSame(is, was, `${name}, swept`)
    const other = polaris('what-if', run, '--set', own, '--out', `${run}-if`, '--json')
    t.match(other, { code: 0, json: { changed: [], pnlMicro: { delta: 0 } } }, `${name}, what-if`)
    t.equal((await startOf(`${run}-if`)).data.schema, schema)
  }
})

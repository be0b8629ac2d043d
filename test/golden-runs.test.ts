import { cpSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { loadAddon } from '#engine/native/addon.js'
import { polaris, ROOT } from './helpers/cli.js'

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

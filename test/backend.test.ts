import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { packed } from '#engine/core/saved.js'
import { tsFold } from '#engine/book/ts-fold.js'
import { clearTouched, untouched } from '#engine/book/touched.js'
import { loadAddon, type Addon } from '#engine/native/addon.js'
import { NativeFold } from '#engine/native/native-fold.js'
import { booksAt } from '#cli/books.js'
import { commitsOf } from '#cli/runs.js'
import { polarisWarm as polaris } from './helpers/cli.js'

const addon = loadAddon()
const skip = typeof addon === 'string' ? addon : false
const dir = mkdtempSync(join(tmpdir(), 'polaris-backend-'))
t.teardown(() => {
  rmSync(dir, { recursive: true, force: true })
})

for (const scenario of ['mixed', 'parity-busy'])
  t.test(`${scenario}: one log whatever the backend`, { skip }, async t => {
    const runs = ['ts', 'native'].map(backend => {
      const out = join(dir, `${scenario}-${backend}`)
      const source = ['--source', `sim:${scenario}`, '--seed', '3', '--backend', backend]
      const { code, json } = polaris('run', ...source, '--out', out, '--json')
      t.equal(code, 0)
      return { backend, out, head: json['head'] }
    })
    const [ts, native] = runs
    t.equal(native!.head, ts!.head)
    const manifest = readFileSync(join(native!.out, 'manifest.json'), 'utf8')
    t.match(JSON.parse(manifest), { backend: 'native', machine: { journal: 'native' } })
    const states = runs.map(({ out, backend }) => {
      const other = backend === 'ts' ? 'native' : 'ts'
      const { code, json } = polaris('replay', out, '--verify', '--backend', other, '--json')
      t.equal(code, 0, `${backend} proven by ${other}`)
      return json['stateHash']
    })
    t.equal(states[1], states[0])
    const [one, two] = [tsFold(), new NativeFold(addon as Addon)]
    const [a, b] = [untouched(), untouched()]
    let changes = 0
    for await (const { bytes } of commitsOf(ts!.out)) {
      changes += one.lines(bytes, a)
      two.lines(bytes, b)
      const said = [one, two].map((fold, k) => {
        const { tokens, notices } = [a, b][k]!
        return JSON.stringify([tokens, notices, fold.stats]) + packed(fold.save())
      })
      if (said[0] !== said[1]) t.equal(said[1], said[0])
      clearTouched(a)
      clearTouched(b)
    }
    t.ok(changes > 1_000, `${changes} level changes`)
    for (const at of [1, 60, 999, 5_000, Number.MAX_SAFE_INTEGER]) {
      const found = [tsFold(), new NativeFold(addon as Addon)].map(async fold => {
        const { seq, tUs, listed } = await booksAt(ts!.out, at, { fold })
        return JSON.stringify([seq, tUs, listed]) + packed(fold.save())
      })
      const [wanted, got] = await Promise.all(found)
      t.equal(got, wanted, `the books behind ${at}`)
    }
  })

t.test('a backend that is not there is refused', async t => {
  const { code, err } = polaris('replay', dir, '--backend', 'fast')
  t.equal(code, 2)
  t.match(err, /auto, ts, native, daemon or subprocess/)
})

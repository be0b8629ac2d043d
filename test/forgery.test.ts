import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import t from 'tap'
import type { ManifestStart } from '#schemas/manifest.js'
import type { Recorded } from '#schemas/recorded.js'
import { isInput } from '#schemas/registry.js'
import { rowsOf } from '#cli/runs.js'
import { folderStore } from '#engine/log/store/folder-store.js'
import { polarisWarm as polaris, polarisWith } from './helpers/cli.js'

const dir = t.testdir()
const honest = join(dir, 'honest')
polaris('run', '--source', 'sim:parity-busy/4000', '--out', honest)

/** Writes the honest run again with a change, through the real writer: every sum, commit, head and seal is right. */
async function forge(
  name: string,
  change: (rows: Recorded[]) => void,
  says: Partial<ManifestStart> = {},
): Promise<string> {
  const rows: Recorded[] = []
  for await (const some of rowsOf(honest)) rows.push(...structuredClone(some))
  change(rows)
  const out = join(dir, name)
  const [first] = rows
  const configDigest = first?.event.type === 'RunStarted' ? first.event.data.digest : ''
  const start: ManifestStart = {
    runId: name,
    mode: 'paper_live',
    parent: '',
    source: 'sim:parity-busy/4000',
    startedUs: 0,
    runTag: '',
    node: '',
    backend: 'ts',
    durability: 'none',
    machine: {},
    configDigest,
    ...says,
  }
  const opened = await folderStore().create(out, start, {
    durability: 'none',
    commitEvents: 500,
    commitMs: 50,
  })
  if (E.isLeft(opened)) throw new Error(opened.left.tag)
  let turn: Recorded[] = []
  const keep = (): void => {
    if (turn.length > 0 && opened.right.append(turn)) throw new Error('the log refuses the forgery')
    turn = []
  }
  for (const row of rows) {
    if (isInput(row.event.type)) keep()
    turn.push(row)
  }
  keep()
  const sealed = await opened.right.seal()
  if (E.isLeft(sealed)) throw new Error(sealed.left.tag)
  return out
}

const find = (rows: readonly Recorded[], type: string): Recorded => {
  const row = rows.find(({ event }) => event.type === type)
  if (!row) throw new Error(`no ${type} in the run`)
  return row
}

t.test('written again without a change, it is the same run', async t => {
  const head = (run: string): unknown => polaris('verify', run, '--json').json['head']
  t.equal(head(await forge('copy', () => undefined)), head(honest))
})

t.test(
  'a forged decision with right sums and heads: verify is content, replay names it',
  async t => {
    let seq = 0
    const out = await forge('decision', rows => {
      const row = find(rows, 'OrderPlaced')
      seq = row.seq
      Object.assign(row.event.data, { limit: 9_900 })
    })
    t.equal(polaris('verify', out).code, 0)
    const said = polaris('replay', out, '--verify', '--json')
    t.equal(said.code, 1)
    t.match(said.json, { identical: false, firstDivergence: { seq, expected: /"limit":9900/ } })
    t.notMatch(said.json['firstDivergence'], { got: /"limit":9900/ })
    t.equal(polaris('replay', out).code, 0, 'without --verify it only reports')
  },
)

t.test('a forged fill, and one left out', async t => {
  const filled = await forge('fill', rows => {
    Object.assign(find(rows, 'FillReported').event.data, { fee: 0 })
  })
  t.equal(polaris('verify', filled).code, 0)
  t.match(polaris('replay', filled, '--verify', '--json').json, {
    firstDivergence: { expected: /"fee":0/ },
  })
})

t.test('an outside head tells a forgery from the run', async t => {
  const head = String(polaris('verify', honest, '--json').json['head'])
  const out = await forge('other', rows => {
    Object.assign(find(rows, 'SignalRaised').event.data, { edge: 1 })
  })
  t.equal(polaris('verify', out, '--head', head).code, 1)
  t.equal(polaris('verify', honest, '--head', head).code, 0)
})

t.test('a seal is signed with the key of the environment, and checked with --key', async t => {
  const pem = (key: KeyObject, name: string): string => {
    const file = join(dir, name)
    const type = key.type === 'private' ? 'pkcs8' : 'spki'
    writeFileSync(file, key.export({ type, format: 'pem' }))
    return file
  }
  const [own, other] = [generateKeyPairSync('ed25519'), generateKeyPairSync('ed25519')]
  const mine = pem(own.privateKey, 'mine.pem')
  const out = join(dir, 'signed')
  t.equal(
    polarisWith({ POLARIS_SIGN_KEY: mine }, 'run', '--source', 'sim:parity/500', '--out', out).code,
    0,
  )
  t.equal(polaris('verify', out).code, 0)
  t.equal(polaris('verify', out, '--key', pem(own.publicKey, 'mine-public.pem')).code, 0)
  const told = polaris('verify', out, '--key', pem(other.publicKey, 'other.pem'), '--json')
  t.equal(told.code, 1)
  t.match(told.json, { firstBad: { kind: 'signature' } })
  t.equal(polaris('verify', honest, '--key', mine).code, 1, 'an unsigned seal is not enough')
  const bad = join(dir, 'bad.pem')
  writeFileSync(bad, 'no key')
  t.equal(polaris('verify', out, '--key', bad).code, 2)
  const refused = polarisWith(
    { POLARIS_SIGN_KEY: bad },
    'run',
    '--source',
    'sim:parity/500',
    '--out',
    join(dir, 'x'),
  )
  t.equal(refused.code, 2)
  t.notOk(existsSync(join(dir, 'x')))
})

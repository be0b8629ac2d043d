import { readdirSync } from 'node:fs'
import t from 'tap'
import { INDEX } from '../index/index-file.js'
import { Packer } from './packer.js'
import { createRun } from '../write/run-dir.js'
import { appendAll, ending, right, startOf, turns } from '../testing/builders.js'
import { verifyRun } from '../prove/verify.js'

const LAST = 400

/** A sealed run whose segments were given to a packer as they were over. */
async function packed(dir: string, compress: 'zstd' | 'none'): Promise<string[]> {
  const remarks: string[] = []
  const packer = new Packer({ dir, compress, level: 3, remark: line => remarks.push(line) })
  const log = right(
    await createRun(startOf('packed'), {
      dir,
      commitEvents: 8,
      commitMs: Infinity,
      durability: 'none',
      segmentBytes: 8_000,
      onClosed: segment => {
        packer.add(segment)
      },
    }),
  )
  await appendAll(log, [...turns(1, LAST - 1), ending(LAST)])
  right(await log.seal())
  packer.add(99) // there is none: nothing happens
  await packer.settled(new AbortController().signal)
  t.strictSame(remarks, [])
  t.equal(packer.left, 0)
  t.match(await verifyRun(dir), { status: 'intact', lastSeq: LAST, sealed: true })
  return readdirSync(dir).filter(name => name.startsWith('events'))
}

t.test('segments that are over are indexed and compressed; the last stays plain', async t => {
  const dir = `${t.testdir()}/run`
  const names = await packed(dir, 'zstd')
  t.ok(names.length > 3)
  t.strictSame(
    names.map(name => name.endsWith('.zst')),
    names.map((_, k) => k < names.length - 1),
  )
  t.equal(readdirSync(`${dir}/${INDEX}`).length, names.length - 1)
})

t.test('or only indexed', async t => {
  const dir = `${t.testdir()}/run`
  const names = await packed(dir, 'none')
  t.notOk(names.some(name => name.endsWith('.zst')))
  t.equal(readdirSync(`${dir}/${INDEX}`).length, names.length - 1)
})

t.test('who does not want to wait leaves plain segments', async t => {
  const packer = new Packer({
    dir: t.testdir(),
    compress: 'zstd',
    level: 3,
    remark: () => undefined,
  })
  packer.add(1)
  await packer.settled(AbortSignal.abort())
  t.pass('and the thread is gone')
})

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { commits } from '../read/jsonl-reader.js'
import { right } from '../testing/builders.js'
import { FaultyDisk } from '../testing/faulty-disk.js'
import { verifyRun } from '../prove/verify.js'

const at = (folder: string): string =>
  fileURLToPath(new URL(`../../../../engine/log/fixtures/${folder}`, import.meta.url))
const PACKED = 'events-000001.jsonl.zst'
const PLAIN = 'events-000002.jsonl'

void t.test('a compressed segment is read and verified like a plain one', async t => {
  const plain = await verifyRun(at('vectors'))
  t.strictSame(await verifyRun(at('packed')), plain)
  const bytes = async (dir: string): Promise<string[]> => {
    const all: string[] = []
    for await (const commit of commits(dir)) {
      const { bytes, start, end } = right(commit)
      all.push(`${start} ${end} ${Buffer.from(bytes).toString()}`)
    }
    return all
  }
  t.strictSame(await bytes(at('packed')), await bytes(at('vectors')))
})

void t.test('a compressed segment that is cut or changed is never taken for whole', async t => {
  const packed = readFileSync(`${at('packed')}/${PACKED}`)
  const plain = readFileSync(`${at('packed')}/${PLAIN}`)
  const whole = await verifyRun(at('packed'))
  const verdictOf = (content: Buffer) =>
    verifyRun('run', {
      disk: FaultyDisk.of([
        [`run/${PACKED}`, content],
        [`run/${PLAIN}`, plain],
      ]),
    })
  for (let length = 0; length < packed.length - 4; length++) {
    const verdict = await verdictOf(packed.subarray(0, length))
    if (verdict.status !== 'damaged') t.fail(`cut to ${length}: ${JSON.stringify(verdict)}`)
  }
  for (let byte = 0; byte < packed.length; byte++) {
    const changed = Buffer.from(packed)
    changed[byte]! ^= 1
    const verdict = await verdictOf(changed)
    // A byte that unpacking does not look at changes nothing that was hashed.
    if (verdict.status !== 'damaged' && verdict.head !== whole.head)
      t.fail(`byte ${byte}: ${JSON.stringify(verdict)}`)
  }
})

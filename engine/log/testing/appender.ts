import * as E from 'fp-ts/lib/Either.js'
import { TYPES } from '#schemas/registry.js'
import { loadAddon } from '#engine/native/addon.js'
import { Packer } from '../compress/packer.js'
import { recoverRun } from '../write/recover.js'
import { nodeDisk } from '../disk/node-disk.js'
import { createRun, type RunOptions } from '../write/run-dir.js'
import { segmentsOf } from '../disk/segments.js'
import { right, rowOf, startOf } from './builders.js'

// A process to be killed: appends for ever, prints `{"acked":n}` for each durable sequence it hears of.
// With `native` the journal of the addon writes.
const [, , dir = '', writer = 'ts'] = process.argv
const addon = writer === 'native' ? loadAddon() : undefined
if (typeof addon === 'string') throw new Error(addon)
const packer = new Packer({
  dir,
  compress: 'zstd',
  level: 1,
  remark: line => {
    throw new Error(line)
  },
})
const options: RunOptions = {
  dir,
  journal: addon,
  onClosed: segment => {
    packer.add(segment)
  },
  commitEvents: 64,
  commitMs: 2,
  durability: 'commit',
  segmentBytes: 60_000,
  witnessMs: 20,
}
const made = await createRun(startOf('killed'), options)
let log = E.isRight(made) ? made.right : undefined
if (!log) {
  const opened = right(await recoverRun(options))
  log = opened.log
  const { lastSeq, tornBytes } = opened
  const segments = await segmentsOf(nodeDisk, dir)
  for (const { number, isPacked } of segments.slice(0, -1)) if (!isPacked) packer.add(number)
  log.append([rowOf(lastSeq + 1, TYPES.RunRecovered.make({ lastSeq, tornBytes }))])
}
log.onDurable(acked => process.stdout.write(`{"acked":${acked}}\n`))
for (;;) {
  for (let i = 0; i < 40; i++) {
    const waiting = log.ready()
    if (waiting) right(await waiting)
    const fault = log.append([rowOf(log.lastSeq + 1), rowOf(log.lastSeq + 2)])
    if (fault) throw new Error(JSON.stringify(fault))
  }
  await new Promise(resolve => setImmediate(resolve))
}

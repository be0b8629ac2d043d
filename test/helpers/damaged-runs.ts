import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import type { Prng } from '#engine/feeds/simulator/prng.js'
import { commits, type CommitsOptions } from '#engine/log/read/jsonl-reader.js'
import { folderStore } from '#engine/log/store/folder-store.js'
import { rowsOf, startOf } from '#cli/runs.js'
import type { Recorded } from '#schemas/recorded.js'
import { isInput } from '#schemas/registry.js'

/** Every commit that is read, and how reading ended. */
export async function story(run: string, options: CommitsOptions = {}): Promise<string> {
  const told: unknown[] = []
  for await (const read of commits(run, 1, options)) {
    if (E.isLeft(read)) told.push(read.left)
    else {
      const { bytes, ...of } = read.right
      told.push([of, Buffer.from(bytes).toString('latin1')])
    }
  }
  return JSON.stringify(told)
}

/** Writes a run again in small segments. */
export async function segmented(from: string, to: string): Promise<void> {
  const { mode, parent, source, digest } = (await startOf(from)).data
  const opened = await folderStore('runs', { segmentBytes: 60_000 }).create(
    to,
    {
      ...{ runId: 'honest', mode, parent, source, configDigest: digest },
      ...{ startedUs: 0, runTag: '', node: '', backend: 'ts', durability: 'none' },
      machine: {},
    },
    { durability: 'none', commitEvents: 64, commitMs: 50 },
  )
  if (E.isLeft(opened)) throw new Error(opened.left.tag)
  let turn: Recorded[] = []
  for await (const rows of rowsOf(from))
    for (const row of structuredClone(rows)) {
      if (isInput(row.event.type) && turn.length > 0) {
        opened.right.append(turn)
        turn = []
      }
      turn.push(row)
    }
  opened.right.append(turn)
  const sealed = await opened.right.seal()
  if (E.isLeft(sealed)) throw new Error(sealed.left.tag)
}

/** Names of a run's segments in order. */
export const segmentsIn = (run: string): string[] =>
  readdirSync(run)
    .filter(name => name.startsWith('events-'))
    .sort()

/** Changes a run in one of the ways in which runs break; what it did, in words. */
export function damage(run: string, random: Prng): string {
  const names = segmentsIn(run)
  const name = names[random.below(names.length)]!
  const file = join(run, name)
  const bytes = readFileSync(file)
  const text = bytes.toString('latin1')
  const at = random.below(bytes.length)
  const write = (content: string | Buffer): void => {
    writeFileSync(file, content, 'latin1')
  }
  const kind = random.below(9)
  switch (kind) {
    case 0:
      bytes[at]! ^= 1 << random.below(8)
      write(bytes)
      return `flipped ${name}:${at}`
    case 1:
      write(bytes.subarray(0, at))
      return `cut ${name} at ${at}`
    case 2:
      rmSync(file)
      return `removed ${name}`
    case 3: {
      const lines = text.split('\n')
      lines.splice(random.below(lines.length), 1 + random.below(3))
      write(lines.join('\n'))
      return `lines left out of ${name}`
    }
    case 4: {
      const lines = text.split('\n')
      const from = random.below(lines.length)
      lines.splice(from, 0, lines[random.below(lines.length)]!)
      write(lines.join('\n'))
      return `a line twice in ${name}`
    }
    case 5:
      write(text + text.slice(at, at + 300))
      return `bytes behind ${name}`
    case 6: {
      const head = join(run, 'head.json')
      writeFileSync(head, readFileSync(head, 'latin1').replace(/"lastSeq":\d/, '"lastSeq":3'))
      return 'another witness'
    }
    case 7:
      writeFileSync(file, readFileSync(join(run, names[random.below(names.length)]!)))
      return `another segment as ${name}`
    default:
      return 'nothing'
  }
}

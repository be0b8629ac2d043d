import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '#schemas/config.js'
import { codeDigest } from '../code-digest.js'
import { Refusal, type Call } from '../command.js'
import { runsDirOf } from '../runs.js'
import { writeWhole } from '../write-whole.js'
import { tried, type Trying, type Unsound } from './check.js'
import { digestOf, evaluated, faultsIn } from './compile.js'
import { loggedCode, ownStrategies, type OwnStrategy } from './own.js'
import { typeFaultsIn } from './types.js'

/** Below the runs directory: what is known of code that was tried. A list of runs does not show it. */
const FOLDER = '.checked'

/**
 * A Refusal where a strategy from a file that a configuration runs does not fit the types, or does not decide by its events alone. What was
 * found once of a file and a program is not tried again.
 */
export async function requireSound(config: Config, call: Call): Promise<void> {
  const { names, instances } = config.strategy
  const run = new Set([...names, ...instances.map(({ strategy }) => strategy)])
  for (const own of ownStrategies(config)) {
    if (!run.has(own.strategy.name)) continue
    const record = join(runsDirOf(call.values), FOLDER, `${loggedCode(own)}.json`)
    const key = `${digestOf(own.source)} ${await codeDigest()}`
    if (isKnown(record, key)) continue
    call.note(`${loggedCode(own)} is new here: it is checked before it may trade`)
    const { first, acts } = await soundness(own, call.stop)
    if (first) throw unsound(own, first)
    if (acts === 0) call.note(`${loggedCode(own)} did nothing on the markets that it was tried on`)
    writeWhole(record, `${JSON.stringify({ key, acts })}\n`)
  }
}

/** Types first, then what it does. */
export async function soundness(own: OwnStrategy, stop: AbortSignal): Promise<Trying> {
  const faults = typeFaultsIn(own.file, own.source)
  if (faults.length > 0) throw faultsIn(faults, 'a file that fits the types of polaris/strategy')
  // Loaded anew: what an earlier run of this process left outside of its memory must not hide anything.
  return await tried(evaluated(own), stop)
}

/** The first thing that a strategy did which it must not do, in lines. */
export function told({ why, scenario, cut, difference }: Unsound): readonly string[] {
  const where = cut === undefined ? '' : `, cut behind input ${cut}`
  const lines = difference
    ? [
        `  expected  ${difference.expected || 'nothing'}`,
        `  got       ${difference.got || 'nothing'}`,
      ]
    : []
  return [`${why} (sim:${scenario}${where})`, ...lines]
}

function unsound(own: OwnStrategy, first: Unsound): Refusal {
  const expected = `a strategy that ./polaris check-strategy ${own.file} finds sound`
  return new Refusal('unsound', told(first).join('\n'), own.file, expected)
}

function isKnown(record: string, key: string): boolean {
  if (!existsSync(record)) return false
  try {
    const { key: of } = JSON.parse(readFileSync(record, 'utf8')) as { readonly key?: unknown }
    return of === key
  } catch {
    return false // half written by nobody: whatever it is, it is tried again
  }
}

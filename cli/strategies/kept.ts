import { existsSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { Config } from '#schemas/config.js'
import type { EventOf } from '#schemas/registry.js'
import type { Strategies } from '#engine/strategies/registry.js'
import { Refusal, type Values } from '../command.js'
import { filesOnFlags } from '../config.js'
import { writeWhole } from '../write-whole.js'
import { compiled } from './compile.js'
import { loggedCode, ownStrategies, textIn, withOwn } from './own.js'
import { isTrusted } from './trusted.js'

/** The folder of a run that holds the files of its strategies. */
const KEPT = 'strategies'

/** Keeps a copy of each file of a configuration's strategies in a run's folder: `strategies/NAME.ts`. */
export async function keepFiles(dir: string, config: Pick<Config, 'code'>): Promise<void> {
  for (const { strategy, source } of ownStrategies(config))
    writeWhole(join(dir, KEPT, `${strategy.name}.ts`), source)
}

/** The files of strategies that a run keeps, by name. */
function keptFiles(dir: string): readonly string[] {
  const folder = join(dir, KEPT)
  if (!existsSync(folder)) return []
  const names = readdirSync(folder).filter(name => name.endsWith('.ts'))
  return names.sort().map(name => join(folder, name))
}

/**
 * The files of strategies that a run keeps. A Refusal where one of them is not the code that the log names, or is code that its user
 * never named on this machine: a folder may come from anybody, and code is not data. Nothing of it has run by then.
 */
function trustedFiles(dir: string, codes: ReadonlyMap<string, string>): readonly string[] {
  const files = keptFiles(dir)
  for (const file of files) {
    const { js, digest } = compiled(file, textIn(file))
    const code = codes.get(basename(file, '.ts'))
    if (code !== undefined && !code.endsWith(`@${digest}`))
      throw otherCode(code, code.replace(/@.*/, `@${digest}`), file)
    if (!isTrusted(js))
      throw new Refusal(
        'foreign-code',
        'this run brings code along that was never named here',
        file,
        `code that you have read, then named: --set 'code.strategies=${JSON.stringify(files)}'`,
      )
  }
  return files
}

const otherCode = (made: string, given: string, file: string): Refusal =>
  new Refusal(
    'other-code',
    `the run was made by ${made}, and this file gives ${given}`,
    file,
    'the code that the log names',
  )

/** The files whose strategies are to decide over a run: those that `--set` names, else those that it keeps. */
export const filesFor = (
  dir: string,
  values: Values,
  codes: ReadonlyMap<string, string> = new Map(),
): readonly string[] => filesOnFlags(values) ?? trustedFiles(dir, codes)

type Started = EventOf<'RunStarted'>['data']

/** Code of a run's strategies that came from files, by strategy; in the order of the instances. */
export const codesOf = ({
  instances = [],
}: Pick<Started, 'instances'>): ReadonlyMap<string, string> =>
  new Map(
    instances
      .filter(({ code }) => code.includes('@'))
      .map(({ strategy, code }) => [strategy, code]),
  )

/**
 * All strategies that a replay of a run may need, with the code that the run was made by; undefined where it needed none but the program's.
 * A Refusal where a file is missing, or holds other code than the log names.
 */
export function strategiesOfRun(
  dir: string,
  started: Pick<Started, 'instances'>,
  files?: readonly string[],
): Strategies | undefined {
  const codes = codesOf(started)
  if (codes.size === 0) return undefined
  const own = ownStrategies({ code: { strategies: files ?? trustedFiles(dir, codes) } })
  for (const [name, code] of codes) {
    const found = own.find(({ strategy }) => strategy.name === name)
    if (!found)
      throw new Refusal(
        'no-code',
        `the file of the strategy '${name}' is missing`,
        join(dir, KEPT, `${name}.ts`),
        `the file that gives ${code}: there, or by --set 'code.strategies=["FILE"]'`,
      )
    if (loggedCode(found) !== code) throw otherCode(code, loggedCode(found), found.file)
  }
  return withOwn(own.filter(({ strategy }) => codes.has(strategy.name)).map(of => of.strategy))
}

/** The configuration of a run that goes on, with the files of its strategies; a Refusal where their code is not that of its log. */
export function withFilesOf<C extends Config>(
  config: C,
  dir: string,
  { started, values }: { started: Started; values: Values },
): C {
  const strategies = [...filesFor(dir, values, codesOf(started))]
  strategiesOfRun(dir, started, strategies)
  const code = { ...config.code, strategies }
  return { ...config, code }
}

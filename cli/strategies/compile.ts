import { createRequire } from 'node:module'
import { compileFunction } from 'node:vm'
import { blake3 } from '@noble/hashes/blake3.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import type ts from 'typescript'
import * as publicModule from '#engine/strategies/public.js'
import type { Strategy } from '#engine/strategies/strategy.js'
import { Refusal } from '../command.js'
import { breachesIn, HIDDEN, PUBLIC_MODULE } from './rules.js'

/** The compiled text of a strategy, which can be handed to a thread of its own. */
export interface Compiled {
  /** The file that it was read from. */
  readonly file: string
  readonly js: string
  /** BLAKE3 of `js`, 16 hex digits: stands in the log as the code of its instances. */
  readonly digest: string
}

/** Most of what is wrong with a file that is told at once. */
const TOLD_MAX = 10
/** Digits of a digest that identify code: what `RunStarted` holds of them. */
const DIGITS = 16

/** The compiler, which is loaded where there is a file of a strategy, and only then. */
export const compiler = (): typeof ts => createRequire(import.meta.url)('typescript') as typeof ts

/**
 * Compiles the text of a strategy. A Refusal where it may use more than it is told: each such place with line and column. Types
 * are not looked at here.
 */
export function compiled(file: string, source: string): Compiled {
  const api = compiler()
  const parsed = api.createSourceFile(file, source, api.ScriptTarget.ES2023, true)
  const breaches = breachesIn(parsed, api)
  if (breaches.length > 0)
    throw faultsIn(
      breaches.map(({ line, column, what }) => `${file}:${line}:${column} ${what}`),
      'a strategy that decides by its events, its parameters and its memory alone',
    )
  const { outputText: js } = api.transpileModule(source, {
    fileName: file,
    compilerOptions: {
      target: api.ScriptTarget.ES2023,
      module: api.ModuleKind.CommonJS,
      removeComments: true,
      newLine: api.NewLineKind.LineFeed,
    },
  })
  return { file, js, digest: digestOf(js) }
}

/** The first digits of the BLAKE3 of a text, hex. */
export const digestOf = (text: string): string =>
  bytesToHex(blake3(utf8ToBytes(text))).slice(0, DIGITS)

/** All that is wrong with a file, in one Refusal: a line each. */
export function faultsIn(lines: readonly string[], expected: string): Refusal {
  const more = lines.length - TOLD_MAX
  const told = [...lines.slice(0, TOLD_MAX), ...(more > 0 ? [`… and ${more} more`] : [])]
  const [first = ''] = lines
  return new Refusal('strategy', told.join('\n  '), first.split(' ')[0], expected)
}

/** The strategy that compiled text exports. A Refusal where it exports none, or more than one. */
export function evaluated({ file, js, digest }: Compiled): Strategy {
  const exported: Record<string, unknown> = {}
  const required = (name: string): unknown => {
    if (name === PUBLIC_MODULE) return publicModule
    throw new Refusal('strategy', `'${name}' may not be imported`, file, PUBLIC_MODULE)
  }
  try {
    const body = compileFunction(js, ['exports', 'require', ...HIDDEN], { filename: file })
    body.call(undefined, exported, required)
  } catch (error) {
    if (error instanceof Refusal) throw error
    throw new Refusal('strategy', `it fails as it is loaded: ${String(error)}`, file, EXPORTED)
  }
  const found = [...new Set(Object.values(exported).filter(isStrategy))]
  const [only] = found
  if (!only || found.length > 1)
    throw new Refusal('strategy', `it exports ${found.length} strategies`, file, EXPORTED)
  return { ...only, code: digest }
}

const EXPORTED = 'one export that strategy({ … }) made'

function isStrategy(value: unknown): value is Strategy {
  if (value === null || typeof value !== 'object') return false
  const of = value as Partial<Record<keyof Strategy, unknown>>
  return (
    typeof of.name === 'string' &&
    Number.isSafeInteger(of.version) &&
    typeof of.start === 'function' &&
    typeof of.params === 'object'
  )
}

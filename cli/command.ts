import type { ParseArgsConfig } from 'node:util'

/** The values of a command line after parsing. */
export type Values = Readonly<
  Record<string, string | boolean | readonly (string | boolean)[] | undefined>
>

/** What a command gets: its words, and the world it may touch. */
export interface Call {
  readonly positionals: readonly string[]
  readonly values: Values
  /** Facts for people, on stdout; silent with `--json` or `--quiet`. */
  readonly say: (line: string) => void
  /** Remarks and progress, on stderr; silent with `--quiet`. */
  readonly note: (line: string) => void
  /** Progress that overwrites itself; silent unless stderr is a terminal. */
  readonly progress: (line: string) => void
  /** One line of a JSON stream, on stdout. */
  readonly stream: (row: unknown) => void
  /** Aborts on the first SIGINT or SIGTERM. */
  readonly stop: AbortSignal
}

/** What a command answers: its exit code, and its facts for `--json`. */
export interface Answer {
  /** 0 done or yes, 1 done and the answer is no, 2 could not do it, 130 stopped by the operator. */
  readonly code: 0 | 1 | 2 | 130
  readonly json: unknown
}

/** One verb. A value, not a class; it gets its world as an argument. */
export interface Command {
  readonly name: string
  /** One line. */
  readonly summary: string
  readonly usage: string
  /** A call that works. */
  readonly example: string
  readonly options: NonNullable<ParseArgsConfig['options']>
  readonly help: Readonly<Record<string, string>>
  readonly run: (call: Call) => Promise<Answer>
}

/** Could not do it: exit code 2, one message that says what was wrong, where, and what was expected. */
export class Refusal extends Error {
  readonly code: string
  readonly where: string
  readonly expected: string
  constructor(code: string, message: string, where = '', expected = '') {
    super(message)
    this.code = code
    this.where = where
    this.expected = expected
  }
}

/** The value of a text option, or undefined. */
export const textOf = (values: Values, name: string): string | undefined => {
  const value = values[name]
  return typeof value === 'string' ? value : undefined
}

/** All values of a repeatable text option. */
export const textsOf = (values: Values, name: string): readonly string[] => {
  const value = values[name]
  return Array.isArray(value) ? value.map(String) : typeof value === 'string' ? [value] : []
}

/** A whole number option; a Refusal where it is anything else. */
export function wholeOf(values: Values, name: string, least = 0): number | undefined {
  const text = textOf(values, name)
  if (text === undefined) return undefined
  const n = Number(text)
  if (Number.isSafeInteger(n) && n >= least && text.trim() !== '') return n
  throw new Refusal('usage', `--${name} is '${text}'`, `--${name}`, `a whole number ≥ ${least}`)
}

/** The n-th word, or a Refusal that names what is missing. */
export function wordOf(call: Call, n: number, name: string, usage: string): string {
  const word = call.positionals[n]
  if (word !== undefined && word !== '') return word
  throw new Refusal('usage', `${name} is missing`, 'command line', usage)
}

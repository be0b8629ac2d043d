import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import { LineCounter, parseAllDocuments, type Document } from 'yaml'
import { Refusal } from '../command.js'
import { ruleOf, type RuleInstance } from './dsl.js'

/** Most bytes of a file of rules. */
const BYTES_MAX = 1_048_576

/** The rules in files, and in the .yaml files of folders, by name of the file; each rule once. */
export function rulesIn(paths: readonly string[]): readonly RuleInstance[] {
  const found = new Map<string, { readonly rule: RuleInstance; readonly where: string }>()
  for (const file of ruleFilesAt(paths))
    for (const { rule, where } of rulesOf(textIn(file), file)) {
      const other = found.get(rule.id)
      if (other)
        throw new Refusal(
          'rules',
          `two rules are called '${rule.id}'`,
          where,
          `another name than in ${other.where}`,
        )
      found.set(rule.id, { rule, where })
    }
  return [...found.values()].map(({ rule }) => rule)
}

/** The rules of a text in YAML, one a document, with the place of each. A Refusal names file, line and what was expected. */
export function rulesOf(
  text: string,
  file: string,
): readonly { readonly rule: RuleInstance; readonly where: string }[] {
  const lines = new LineCounter()
  // Without aliases and merges: what a rule says stands where it is read.
  const documents = parseAllDocuments(text, {
    lineCounter: lines,
    schema: 'core',
    uniqueKeys: true,
  })
  if (!Array.isArray(documents)) return []
  return documents.flatMap(document => {
    const [broken] = document.errors
    const place = (offset: number): string => `${file}:${lines.linePos(offset).line}`
    if (broken) {
      const [words = ''] = broken.message.split('\n')
      throw new Refusal('rules', 'it is no YAML', place(broken.pos[0]), words)
    }
    const value: unknown = valueOf(document, place(document.range[0]))
    if (value === null) return []
    const where = place(document.range[0])
    const rule = ruleOf(value)
    if (E.isLeft(rule)) {
      const { message, where: at, expected } = rule.left
      throw new Refusal(
        'rules',
        message,
        `${placeOf(document, at, { lines, file }) ?? where}: ${at}`,
        expected,
      )
    }
    return rule.right ? [{ rule: rule.right, where }] : []
  })
}

function valueOf(document: Document, where: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 0 }) as unknown
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error)
    throw new Refusal('rules', words, where, 'values without aliases')
  }
}

/** Where a key stands: `params.sum_lt` in line 4. */
function placeOf(
  document: Document,
  path: string,
  { lines, file }: { readonly lines: LineCounter; readonly file: string },
): string | undefined {
  const node: unknown = document.getIn(path.split('.'), true)
  if (typeof node !== 'object' || node === null || !('range' in node)) return undefined
  const { range } = node
  return Array.isArray(range) ? `${file}:${lines.linePos(Number(range[0])).line}` : undefined
}

/** The files of rules that paths name: themselves, or those in the folders that they are. */
export const ruleFilesAt = (paths: readonly string[]): readonly string[] => paths.flatMap(filesAt)

/** The files at a path: itself, or the files of rules in the folder that it is. */
function filesAt(path: string): readonly string[] {
  try {
    if (!statSync(path).isDirectory()) return [path]
    const names = readdirSync(path).filter(name => /\.ya?ml$/.test(name))
    return names.sort().map(name => join(path, name))
  } catch (error) {
    throw new Refusal(
      'rules',
      `it cannot be read: ${String(error)}`,
      path,
      'a file of rules, or a folder',
    )
  }
}

function textIn(file: string): string {
  try {
    if (statSync(file).size > BYTES_MAX)
      throw new Refusal('rules', 'the file is too large', file, `at most ${BYTES_MAX} bytes`)
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (error instanceof Refusal) throw error
    throw new Refusal(
      'rules',
      `it cannot be read: ${String(error)}`,
      file,
      'a file of rules in YAML',
    )
  }
}

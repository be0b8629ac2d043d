import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t from 'tap'

const ROOT = resolve(import.meta.dirname, '..', '..')
const isTest = (file: string): boolean =>
  /\.(test|contract|bench)\.ts$|\/testing\/|^test\//.test(file)
const files = sources()
const code = files.filter(file => file.endsWith('.ts'))
const text = (file: string): string => readFileSync(join(ROOT, file), 'utf8')

/** Files whose reader wants a default export. */
const EXPECTS = new Set(['window/vite.config.ts'])
const PURE =
  /^(schemas|engine\/(core|book|venues|strategies|risk|oms|run|gateways\/sim)|projections|compat\/book-sim)\//
const IMPURE =
  /\bDate\.now\b|\bnew Date\b|\bMath\.random\b|randomUUID|process\.env|performance\.now|hrtime/
const INEXACT = /\bMath\.(exp|log\w*|pow|sin|cos|tan|cbrt|hypot)\b/

t.test('no file is longer than 300 lines', async t => {
  const long = files.filter(
    file => /\.(tsx?|rs)$/.test(file) && text(file).split('\n').length > 301,
  )
  t.same(long, [])
})

t.test('pure rooms read no clock, no randomness and no environment', async t => {
  const found = code.filter(file => PURE.test(file) && !isTest(file) && IMPURE.test(text(file)))
  t.same(found, [])
})

t.test('what decides uses only arithmetic that is the same on every machine', async t => {
  const rooms =
    /^(engine\/(core|book|venues|strategies|risk|oms|run|gateways\/sim|feeds\/simulator)|compat\/book-sim)\//
  const found = code.filter(file => rooms.test(file) && !isTest(file) && INEXACT.test(text(file)))
  t.same(found, [])
})

t.test('no any, no enum, no namespace, no default export', async t => {
  const banned =
    /:\s*any\b|\bas any\b|<any>|^\s*(export )?(const )?enum |^\s*(export )?namespace |^export default/m
  t.same(
    code.filter(file => !isTest(file) && !EXPECTS.has(file) && banned.test(text(file))),
    [],
  )
})

t.test('every exported thing of a source says what it is', async t => {
  const bare: string[] = []
  for (const file of code.filter(one => !isTest(one))) {
    const lines = text(file).split('\n')
    lines.forEach((line, k) => {
      if (!/^export (const|function|async function|class|interface|type) /.test(line)) return
      const name = /^export (?:async )?\w+\*? (\w+)/.exec(line)?.[1] ?? ''
      const before = lines[k - 1] ?? ''
      const isTwin = lines
        .slice(0, k)
        .some(
          other =>
            other.startsWith(`export const ${name} `) || other.startsWith(`export const ${name}:`),
        )
      const isGrouped = /^export (const|type) /.test(before) || before.endsWith('*/')
      if (!isGrouped && !isTwin && !before.startsWith('//')) bare.push(`${file}:${k + 1}`)
    })
  }
  t.same(bare, [])
})

t.test('no path of a machine and no unfinished word stands in the repository', async t => {
  const paths = /(^|[\s'"`(])\/(home|root|work|Users)\/\w/m
  const words = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX'].join('|')})\\b`)
  t.same(
    files.filter(file => paths.test(text(file)) || words.test(text(file))),
    [],
  )
})

/** The files that git knows, or in an unpacked copy without git nothing to check against but the sources. */
function sources(): string[] {
  if (!existsSync(join(ROOT, '.git'))) return []
  const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], {
    cwd: ROOT,
    encoding: 'utf8',
  })
  return listed
    .split('\n')
    .filter(file => /\.(tsx?|rs|mjs|js|md|json|toml)$/.test(file) && file !== 'package-lock.json')
    .filter(file => existsSync(join(ROOT, file)))
}

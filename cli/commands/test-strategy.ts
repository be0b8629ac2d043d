import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { Refusal, wordOf, type Call, type Command } from '../command.js'
import { compiler } from '../strategies/compile.js'
import { ownStrategy, textIn } from '../strategies/own.js'

const USAGE = 'test-strategy FILE.test.ts'
/** The clone, which a test knows as the package `polaris`. */
const PACKAGE = resolve(import.meta.dirname, '..', '..', '..')

/** `polaris test-strategy`: runs the test of a strategy of one's own. */
export const testStrategyCommand: Command = {
  name: 'test-strategy',
  summary: 'runs the test of a strategy of your own, wherever it lies',
  usage: USAGE,
  example: 'test-strategy my-rule.test.ts',
  options: {},
  help: {
    'FILE.test.ts':
      'a test for node:test; it may import polaris/testing, polaris/strategy and files beside it',
  },
  run: async call => {
    const file = wordOf(call, 0, 'FILE.test.ts', USAGE)
    if (!file.endsWith('.test.ts'))
      throw new Refusal('usage', `${file} is no test`, 'command line', 'a file NAME.test.ts')
    const folder = mkdtempSync(join(tmpdir(), 'polaris-test-'))
    try {
      writeAll(file, folder)
      const said = await ran(join(folder, compiledName(file)), call)
      return reported(call, said, file)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
}

const compiledName = (file: string): string => basename(file).replace(/\.ts$/, '.js')

/** Compiles a test, and the files beside it that it imports, to where the package can be found. */
function writeAll(file: string, folder: string): void {
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(PACKAGE, join(folder, 'node_modules', 'polaris'), 'junction')
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }\n')
  const [left, done] = [[file], new Set<string>()]
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    if (done.has(next)) continue
    done.add(next)
    const source = textIn(next)
    // What is tested has to be a strategy that could run; a helper of tests need not.
    if (isStrategy(source) && !next.endsWith('.test.ts')) ownStrategy(next)
    const { text, beside } = transpiled(next, source)
    writeFileSync(join(folder, compiledName(next)), text)
    left.push(...beside.map(name => join(dirname(file), name)))
  }
}

const isStrategy = (source: string): boolean => source.includes("'polaris/strategy'")

function transpiled(file: string, source: string) {
  const api = compiler()
  const { importedFiles } = api.preProcessFile(source)
  const names = importedFiles.map(({ fileName }) => fileName).filter(name => name.startsWith('.'))
  for (const name of names)
    if (!/^\.\/[\w.-]+\.js$/.test(name))
      throw new Refusal('strategy', `'${name}' is not beside it`, file, './NAME.js')
  const { outputText: text } = api.transpileModule(source, {
    fileName: resolve(file),
    compilerOptions: {
      target: api.ScriptTarget.ES2023,
      module: api.ModuleKind.ESNext,
      inlineSourceMap: true,
    },
  })
  return { text, beside: names.map(name => name.replace(/\.js$/, '.ts')) }
}

/** What the tests say, as TAP. */
async function ran(file: string, { stop }: Call): Promise<string> {
  const words = ['--enable-source-maps', '--test-reporter=tap', file]
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'pipe'], signal: stop })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
  await new Promise<void>((done, failed) => {
    child.on('close', () => {
      done()
    })
    child.on('error', error => {
      if (stop.aborted) done()
      else failed(error)
    })
  })
  return said
}

function reported(call: Call, said: string, file: string): { code: 0 | 1 | 130; json: object } {
  const tests = [...said.matchAll(/^(not ok|ok) \d+ - (.*)$/gm)]
  const all = tests.map(([, verdict, name = '']) => ({ name, isOk: verdict === 'ok' }))
  for (const { name, isOk } of all) call.say(`${isOk ? 'ok      ' : 'not ok  '}${name}`)
  const failed = all.filter(({ isOk }) => !isOk).length
  if (call.stop.aborted) return { code: 130, json: { tests: all } }
  if (all.length === 0 && failed === 0)
    throw new Refusal('strategy', `no test was run: ${said.trim()}`, file, 'test(…) of node:test')
  call.say(`${all.length - failed} passed, ${failed} failed`)
  if (failed > 0) call.note(said.replaceAll(/^TAP version.*\n|^# .*\n|^1\.\.\d+\n/gm, '').trimEnd())
  return { code: failed > 0 ? 1 : 0, json: { tests: all, failed } }
}

import { parseArgs } from 'node:util'
import { shown } from '#schemas/text.js'
import { ListingFault } from '#engine/core/instruments.js'
import { FeedFault } from '#engine/feeds/feed.js'
import { Refusal, textOf, type Answer, type Call, type Command, type Values } from './command.js'
import { COMMANDS } from './commands.js'
import { lendVariables, withEnvFile } from './old-settings/env-file.js'
import { adoptSecrets } from './old-settings/read.js'
import { helpOf, overview } from './format/help.js'
import { nearest } from './format/nearest.js'

const COMMON = {
  help: { type: 'boolean', short: 'h' },
  json: { type: 'boolean' },
  quiet: { type: 'boolean', short: 'q' },
  config: { type: 'string' },
  'env-file': { type: 'string' },
  set: { type: 'string', multiple: true },
  'runs-dir': { type: 'string' },
} as const

/** Runs one command line. Returns the exit code: 0 yes, 1 no, 2 could not, 130 stopped. */
export async function runCommandLine(argv: readonly string[]): Promise<number> {
  const [name, ...rest] = argv
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    const all = await Promise.all(Object.values(COMMANDS).map(load => load()))
    process.stdout.write(overview(all))
    return name === undefined ? 2 : 0
  }
  const json = rest.includes('--json')
  try {
    const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
    if (!load) throw unknownVerb(name)
    return await call(await load(), rest)
  } catch (error) {
    return refuse(error, json)
  }
}

async function call(command: Command, argv: readonly string[]): Promise<number> {
  const { values: said, positionals } = parse(command, argv)
  const values = withEnvFile(command.name, said)
  if (values['help'] === true) {
    process.stdout.write(helpOf(command))
    return 0
  }
  const isJson = values['json'] === true
  const isQuiet = values['quiet'] === true
  const stop = new AbortController()
  const interrupt = (): void => {
    stop.abort()
  }
  process.once('SIGINT', interrupt)
  process.once('SIGTERM', interrupt)
  const isTerminal = process.stderr.isTTY && !isQuiet
  const world: Call = {
    positionals,
    values,
    say: line => {
      if (!isJson && !isQuiet) process.stdout.write(`${shown(line)}\n`)
    },
    note: line => {
      if (!isQuiet) process.stderr.write(`${isTerminal ? '\r\x1b[K' : ''}${shown(line)}\n`)
    },
    progress: line => {
      if (isTerminal) process.stderr.write(`\r\x1b[K${shown(line)}`)
    },
    stream: row => {
      process.stdout.write(`${shown(JSON.stringify(row))}\n`)
    },
    stop: stop.signal,
  }
  let answer: Answer
  const giveBack = await lent(values)
  try {
    adoptSecrets(process.env)
    answer = await command.run(world)
  } finally {
    giveBack()
    process.off('SIGINT', interrupt)
    process.off('SIGTERM', interrupt)
  }
  if (isTerminal) process.stderr.write('\r\x1b[K')
  if (isJson) process.stdout.write(`${shown(JSON.stringify(answer.json))}\n`)
  return answer.code
}

/** Lends the call what its file of variables says besides the configuration; answers what takes it back. */
async function lent(values: Values): Promise<() => void> {
  if (textOf(values, 'env-file') === undefined) return () => undefined
  const { isConfigVariable } = await import('./config.js')
  return lendVariables(values, process.env, isConfigVariable)
}

function parse(command: Command, argv: readonly string[]): Pick<Call, 'values' | 'positionals'> {
  try {
    return parseArgs({
      args: [...argv],
      options: { ...COMMON, ...command.options },
      allowPositionals: true,
      strict: true,
    })
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    const bad = /'(--?[\w-]+)/.exec(message)?.[1]?.replace(/^-+/, '')
    const known = Object.keys({ ...COMMON, ...command.options })
    const near = bad === undefined ? undefined : nearest(bad, known)
    const hint = near === undefined || near === bad ? '' : ` Did you mean --${near}?`
    throw new Refusal('usage', `${message.split('. ')[0]}.${hint}`, 'command line', command.usage)
  }
}

function unknownVerb(name: string): Refusal {
  const names = Object.keys(COMMANDS)
  const near = nearest(name, names)
  const hint = near === undefined ? '' : ` Did you mean '${near}'?`
  return new Refusal('usage', `unknown verb '${name}'.${hint}`, 'command line', names.join(', '))
}

function refuse(error: unknown, json: boolean): number {
  const isSource = error instanceof FeedFault || error instanceof ListingFault
  const known = error instanceof Refusal || isSource
  const message = error instanceof Error ? error.message : String(error)
  const code = error instanceof Refusal ? error.code : isSource ? 'source' : 'bug'
  const where = known ? error.where : ''
  const expected = known ? error.expected : ''
  if (json)
    process.stdout.write(
      `${shown(JSON.stringify({ error: { code, message, where, expected } }))}\n`,
    )
  const lines = [`polaris: ${message}`]
  if (where !== '') lines.push(`  where: ${where}`)
  if (expected !== '') lines.push(`  expected: ${expected}`)
  if (!known && error instanceof Error && error.stack) lines.push(error.stack)
  process.stderr.write(`${shown(lines.join('\n'))}\n`)
  return 2
}

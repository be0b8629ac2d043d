import assert from 'node:assert'
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

/** The clone. */
export const ROOT = resolve(import.meta.dirname, '..', '..', '..')
const MAIN = join(ROOT, 'dist', 'cli', 'main.js')
const WARM = join(ROOT, 'dist', 'test', 'helpers', 'warm-process.js')

/** What a command line answered. */
export interface Said {
  readonly code: number | null
  readonly out: string
  readonly err: string
  /** The object on stdout, where `--json` was asked for. */
  readonly json: Record<string, unknown>
}

/** Runs `polaris` in a process of its own, with no configuration of this machine. */
export const polaris = (...words: readonly string[]): Said => polarisWith({}, ...words)

/** One process for all of a test's command lines that need none of their own; undefined where there are no named pipes. */
let warm: Warm | undefined | false = false

interface Warm {
  readonly ask: number
  readonly answer: number
}

/**
 * As `polaris`, but one process answers all of them, which has loaded and compiled the program already: half a second less each time.
 * For what is asked of a verb's answer; whatever is about a process (signals, kills, streams, variables) needs one of its own.
 */
export function polarisWarm(...words: readonly string[]): Said {
  if (warm === false) warm = startWarm()
  if (!warm) return polaris(...words)
  const { ask, answer } = warm
  writeSync(ask, `${JSON.stringify(words)}\n`)
  const parts: Buffer[] = []
  for (;;) {
    const part = Buffer.allocUnsafe(1 << 16)
    const length = readSync(answer, part)
    assert(length > 0, `${words.join(' ')}: the process has ended`)
    parts.push(part.subarray(0, length))
    if (part[length - 1] === NEWLINE) break
  }
  const got = JSON.parse(Buffer.concat(parts).toString()) as Omit<Said, 'json'>
  return { ...got, json: lastObject(got.out) }
}

const NEWLINE = 10

/** The event loop of this process stands still while a verb runs, as it does for `spawnSync`: pipes are read and written waiting. */
function startWarm(): Warm | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'polaris-warm-'))
  const [asked, answered] = [join(folder, 'asked'), join(folder, 'answered')]
  if (spawnSync('mkfifo', [asked, answered]).status !== 0) return undefined
  const child = spawn(process.execPath, [WARM, asked, answered], { env: clean(), stdio: 'ignore' })
  child.unref()
  const opened = { ask: openSync(asked, 'w'), answer: openSync(answered, 'r') }
  rmSync(folder, { recursive: true })
  return opened
}

/** The same with some variables set. */
export function polarisWith(env: NodeJS.ProcessEnv, ...words: readonly string[]): Said {
  const done = spawnSync(process.execPath, [MAIN, ...words], {
    encoding: 'utf8',
    env: { ...clean(), ...env },
    maxBuffer: 1 << 28,
  })
  return { code: done.status, out: done.stdout, err: done.stderr, json: lastObject(done.stdout) }
}

/** Starts `polaris` and lets it run. */
export const starting = (...words: readonly string[]): ChildProcess => startingWith({}, ...words)

/** The same with some variables set. */
export const startingWith = (env: NodeJS.ProcessEnv, ...words: readonly string[]): ChildProcess =>
  spawn(process.execPath, [MAIN, ...words], {
    env: { ...clean(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })

/** As `polarisWith`, for tests that serve meanwhile what it asks. */
export async function polarisBeside(
  env: NodeJS.ProcessEnv,
  ...words: readonly string[]
): Promise<Said> {
  return await ending(startingWith(env, ...words))
}

/** What a process said, once it has ended. */
export async function ending(child: ChildProcess): Promise<Said> {
  let [out, err] = ['', '']
  child.stdout?.setEncoding('utf8').on('data', (part: string) => (out += part))
  child.stderr?.setEncoding('utf8').on('data', (part: string) => (err += part))
  const code = await new Promise<number | null>(resolve => child.once('close', resolve))
  return { code, out, err, json: lastObject(out) }
}

/** Where processes of this test find each other: those of another trade accounts of their own. */
const STATE = join(tmpdir(), `polaris-test-${process.pid}`)

function clean(): NodeJS.ProcessEnv {
  const others = Object.entries(process.env).filter(([name]) => !/^(POLARIS|RAZOR)_/.test(name))
  return { ...Object.fromEntries(others), POLARIS_STATE_DIR: STATE }
}

function lastObject(out: string): Record<string, unknown> {
  const line = out.trimEnd().split('\n').pop() ?? ''
  try {
    return JSON.parse(line) as Record<string, unknown>
  } catch {
    return {}
  }
}

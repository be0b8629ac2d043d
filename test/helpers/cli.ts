import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

/** The clone. */
export const ROOT = resolve(import.meta.dirname, '..', '..', '..')
const MAIN = join(ROOT, 'dist', 'cli', 'main.js')

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

import { spawn, type ChildProcess } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { ROOT } from './cli.js'

const MAIN = join(ROOT, 'dist', 'cli', 'main.js')

/** Settings of a service that hurries; best prices each so many ms. */
export const settings = (topMs: number): string => `[harvest]
scope = "all"
tracking_ms = 2000
metric_ms = 2000
post_ms = 1000
markets_ms = 2000
settlement_ms = 2000
quote_top_ms = ${topMs}
quote_depth_ms = 800
l2_ms = 1000
mapping_ms = 1000
agg_ms = 700
health_ms = 700
tables_ms = 300
xtracker_per_second = 20
xtracker_burst = 20
`

/** A process as a service manager starts it, with what it has said. */
export interface Service {
  readonly child: ChildProcess
  readonly lines: Record<string, unknown>[]
  readonly ended: Promise<number | null>
}

/** Starts one in a folder, whose `polaris.toml` it reads; what it tells its manager stands in `told` there. */
export function service(dir: string, base: string): Service {
  const words = [
    'harvest',
    'run',
    '--json',
    '--venue',
    base,
    '--runs-dir',
    join(dir, 'runs'),
    '--config',
    join(dir, 'polaris.toml'),
  ]
  const env = {
    ...{
      PATH: `${join(dir, 'bin')}:${process.env['PATH'] ?? ''}`,
      NOTIFY_SOCKET: '/run/nobody',
      WATCHDOG_USEC: '600000',
    },
    POLARIS_DATABASE_URL: 'postgresql://polaris:verysecret@127.0.0.1:55432/polaris',
  }
  const child = spawn(process.execPath, [MAIN, ...words], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const lines: Record<string, unknown>[] = []
  let rest = ''
  child.stdout.on('data', (data: Buffer) => {
    const parts = (rest + data.toString()).split('\n')
    rest = parts.pop() ?? ''
    for (const line of parts) lines.push(JSON.parse(line) as Record<string, unknown>)
  })
  child.stderr.on('data', (data: Buffer) => lines.push({ stderr: data.toString() }))
  return { child, lines, ended: new Promise(resolve => child.once('exit', code => resolve(code))) }
}

/** Waits until something is so, twenty seconds at most. */
export async function until(what: string, is: () => boolean): Promise<void> {
  for (let k = 0; k < 400; k++) {
    if (is()) return
    await pause(50)
  }
  throw new Error(`it did not come: ${what}`)
}

/** Puts a program where systemd-notify would be found, which writes down what it is told. */
export function fakeNotify(dir: string): void {
  const told = join(dir, 'told')
  mkdirSync(join(dir, 'bin'))
  const notify = join(dir, 'bin', 'systemd-notify')
  writeFileSync(notify, `#!/bin/sh\nprintf '%s %s\\n' "$NOTIFY_SOCKET" "$*" >> '${told}'\n`)
  chmodSync(notify, 0o755)
  writeFileSync(told, '')
}

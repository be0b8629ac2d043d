// The process that keeps one paper portfolio running: started detached by `arb-paper-matrix-start`, with its state as its only word.
import { spawn, type ChildProcess } from 'node:child_process'
import { appendFileSync, openSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { writeWhole } from '../write-whole.js'
import { hold, pidFile, stateFile, type MatrixState } from './matrix.js'

const MAIN = fileURLToPath(new URL('../main.js', import.meta.url))
/** From a crash to the next start: doubled each time, until a child has lived as long as the longest of them. */
const BACK_OFF_MS = 500
const BACK_OFF_MAX_MS = 60_000
const REFUSED_MAX = 3

class Supervisor {
  #state: MatrixState
  #child: ChildProcess | undefined
  #timer: NodeJS.Timeout | undefined
  #backOffMs = BACK_OFF_MS
  /** How often in a row its command was refused. */
  #refused = 0
  readonly #out: number

  constructor(state: MatrixState) {
    this.#state = { ...state, supervisor: process.pid }
    this.#out = openSync(state.log, 'a')
  }

  begin(): void {
    writeWhole(pidFile(this.#state.scope), `${process.pid}\n`)
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.on(signal, () => {
        this.#stop(`the supervisor got ${signal}`)
      })
    const leftMs = Math.max(0, this.#state.endsMs - Date.now())
    setTimeout(() => {
      this.#stop('its time is over')
    }, leftMs)
    this.#start('--out')
  }

  /** Begins the run, or goes on with it. */
  #start(how: '--out' | '--resume'): void {
    const { words, runDir, endsMs } = this.#state
    const seconds = Math.max(1, Math.ceil((endsMs - Date.now()) / 1_000))
    const all = ['arb-run', ...words, how, runDir, '--duration', `${seconds}s`]
    const bornMs = performance.now()
    const child = spawn(process.execPath, [MAIN, ...all], {
      stdio: ['ignore', this.#out, this.#out],
    })
    this.#child = child
    this.#say({ phase: 'running', child: child.pid ?? 0 }, `started ${child.pid ?? 0}: ${how}`)
    child.on('error', error => {
      this.#over(`it cannot be started: ${error.message}`)
    })
    child.on('exit', (code, signal) => {
      this.#ended(code, signal, performance.now() - bornMs)
    })
  }

  #ended(code: number | null, signal: NodeJS.Signals | null, livedMs: number): void {
    const why = signal ? `killed by ${signal}` : `exit ${code ?? ''}`
    this.#child = undefined
    const isStopped = this.#state.phase === 'stopping'
    if (isStopped || code === 0 || code === 130) {
      this.#over(why, 'ended')
      return
    }
    // What a command refuses it refuses again, but for a lock that somebody who looked had for a moment.
    this.#refused = code === 2 ? this.#refused + 1 : 0
    if (this.#refused === REFUSED_MAX) {
      this.#over(`${why}: see ${this.#state.log}`)
      return
    }
    if (livedMs >= BACK_OFF_MAX_MS) this.#backOffMs = BACK_OFF_MS
    const restarts = this.#state.restarts + 1
    this.#say(
      { phase: 'waiting', child: 0, restarts, why },
      `${why}; again in ${this.#backOffMs} ms`,
    )
    this.#timer = setTimeout(() => {
      this.#start('--resume')
    }, this.#backOffMs)
    this.#backOffMs = Math.min(2 * this.#backOffMs, BACK_OFF_MAX_MS)
  }

  /** Asks the child to seal its run; kills it where it does not in time. */
  #stop(why: string): void {
    if (this.#state.phase === 'stopping') return
    clearTimeout(this.#timer)
    const child = this.#child
    this.#say({ phase: 'stopping', why }, why)
    if (!child) {
      this.#over(why, 'ended')
      return
    }
    child.kill('SIGINT')
    setTimeout(() => {
      child.kill('SIGKILL')
    }, this.#state.graceMs)
  }

  #over(why: string, phase: 'ended' | 'failed' = 'failed'): void {
    this.#say({ phase, child: 0, why }, `${phase}: ${why}`)
    rmSync(pidFile(this.#state.scope), { force: true })
    process.exit(phase === 'ended' ? 0 : 1)
  }

  #say(changed: Partial<MatrixState>, line: string): void {
    this.#state = { ...this.#state, ...changed }
    writeWhole(stateFile(this.#state.scope), `${JSON.stringify(this.#state)}\n`)
    appendFileSync(this.#out, `${new Date().toISOString()} supervisor: ${line}\n`)
  }
}

const state = JSON.parse(process.argv[2] ?? '') as MatrixState // what `arb-paper-matrix-start` gave
const release = await hold(state.scope)
if (release) new Supervisor(state).begin()
else process.exitCode = 1 // another one was quicker

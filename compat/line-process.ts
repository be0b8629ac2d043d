import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { closeSync, constants, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Why there is no answer, in words. */
export class Unanswered extends Error {}

/** A program that answers lines, and how long it may take. */
export interface LineProgram {
  readonly command: string
  readonly args: readonly string[]
  /** For an answer; the first one after a start may take `START_MS`, if that is more. */
  readonly timeoutMs: number
}

/** Longest answer, in bytes. */
const ANSWER_MAX = 1 << 24
/** A program has so long for its first answer: it has to be loaded. */
const START_MS = 5_000
/** So long an answer is waited for awake, which it is worth: most come sooner than a sleep would end. */
const AWAKE_MS = 0.5
const NAP_MS = 0.05
const NEWLINE = 10

/** A child with our ends of its pipes. */
interface Running {
  readonly child: ChildProcess
  readonly input: number
  readonly output: number
}

/**
 * A conversation with a child process, line by line and synchronously: whoever asks is a pure fold that cannot wait for a
 * promise. Named pipes whose ends here never block, so that a child which hangs costs its time-out and no more. A child
 * that fails is killed; the next question starts another.
 */
export class LineProcess {
  readonly #program: LineProgram
  readonly #nap = new Int32Array(new SharedArrayBuffer(4))
  #answer = Buffer.allocUnsafe(1 << 16)
  #running: Running | undefined
  #isFresh = true

  constructor(program: LineProgram) {
    this.#program = program
  }

  /** Id of the child that answers; undefined where none runs. */
  get pid(): number | undefined {
    return this.#running?.child.pid
  }

  /** The answer to a line, both without their line ends. Throws `Unanswered`. */
  ask(line: string): string {
    this.#running ??= this.#start()
    const { input, output } = this.#running
    // What a pipe says when it has nothing yet is an exception; its stack would cost more than the answer.
    const { stackTraceLimit } = Error
    Error.stackTraceLimit = 0
    try {
      const { timeoutMs } = this.#program
      const limitMs = this.#isFresh ? Math.max(START_MS, timeoutMs) : timeoutMs
      const clock = { startedMs: performance.now(), limitMs }
      this.#write(input, Buffer.from(`${line}\n`), clock)
      const answer = this.#read(output, clock)
      this.#isFresh = false
      return answer
    } catch (error) {
      this.close()
      throw error
    } finally {
      Error.stackTraceLimit = stackTraceLimit
    }
  }

  /** Ends the child, if one runs. */
  close(): void {
    if (!this.#running) return
    const { child, input, output } = this.#running
    this.#running = undefined
    this.#isFresh = true
    closeSync(input)
    closeSync(output)
    child.kill('SIGKILL')
  }

  #write(fd: number, bytes: Buffer, clock: Clock): void {
    for (let at = 0; at < bytes.length;) {
      const count = whole(() => writeSync(fd, bytes, at), 'it is gone')
      if (count === undefined) this.#wait(clock)
      else at += count
    }
  }

  #read(fd: number, clock: Clock): string {
    let length = 0
    for (;;) {
      if (length === this.#answer.length) this.#grow()
      const buffer = this.#answer
      const count = whole(() => readSync(fd, buffer, length, buffer.length - length, null), 'gone')
      if (count === 0) throw new Unanswered('it ended')
      if (count === undefined) this.#wait(clock)
      else {
        length += count
        if (buffer[length - 1] === NEWLINE) return buffer.toString('utf8', 0, length - 1)
      }
    }
  }

  #grow(): void {
    if (this.#answer.length >= ANSWER_MAX) throw new Unanswered('its answer has no end')
    this.#answer = Buffer.concat([this.#answer], this.#answer.length * 2)
  }

  #wait({ startedMs, limitMs }: Clock): void {
    const waitedMs = performance.now() - startedMs
    if (waitedMs > limitMs) throw new Unanswered(`it said nothing for ${limitMs} ms`)
    if (waitedMs > AWAKE_MS) Atomics.wait(this.#nap, 0, 0, NAP_MS)
  }

  #start(): Running {
    const dir = mkdtempSync(join(tmpdir(), 'polaris-pipe-'))
    const open: number[] = []
    const opened = (name: string, flags: number): number => {
      const fd = openSync(join(dir, name), flags)
      open.push(fd)
      return fd
    }
    const { O_RDWR, O_RDONLY, O_WRONLY, O_NONBLOCK } = constants
    try {
      execFileSync('mkfifo', [join(dir, 'in'), join(dir, 'out')], { stdio: 'ignore' })
      // A pipe opens at once where its other end is open; these two are closed again below.
      for (const name of ['in', 'out']) opened(name, O_RDWR)
      const theirs = [opened('in', O_RDONLY), opened('out', O_WRONLY)] as const
      const input = openSync(join(dir, 'in'), O_WRONLY | O_NONBLOCK)
      const output = openSync(join(dir, 'out'), O_RDONLY | O_NONBLOCK)
      const { command, args } = this.#program
      const child = spawn(command, args, { stdio: [...theirs, 'ignore'], detached: true })
      child.on('error', () => undefined) // a child without an id is told below
      child.unref()
      if (child.pid !== undefined) return { child, input, output }
      closeSync(input)
      closeSync(output)
      throw new Unanswered('it does not start')
    } catch (error) {
      throw error instanceof Unanswered ? error : new Unanswered(`no pipe: ${String(error)}`)
    } finally {
      for (const fd of open) closeSync(fd)
      rmSync(dir, { recursive: true, force: true })
    }
  }
}

interface Clock {
  readonly startedMs: number
  readonly limitMs: number
}

/** What a call moved; undefined where the pipe is not ready. */
function whole(call: () => number, gone: string): number | undefined {
  try {
    return call()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return undefined
    throw new Unanswered(gone)
  }
}

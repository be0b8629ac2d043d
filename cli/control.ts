import { chmodSync, closeSync, openSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { AlertDelivered } from '#schemas/events/alert.js'
import type { EventOf } from '#schemas/registry.js'
import { CommandGiven, OrderLegs } from '#schemas/events/run.js'
import { COMMANDS, TimeInForce } from '#schemas/reasons.js'
import type { OperatorEvent, OperatorQueue } from '#engine/run/operator-queue.js'

/** The socket of a running process in its run's folder: mode 0600, so its owner alone may speak to it. */
export const CONTROL = 'control.sock'
/** Longest path that a Unix socket may have, in bytes, with room for the final zero. */
const PATH_MAX = 100
/** Most legs of one order. */
const LEGS_MAX = 64
/** Longest line of a request, in bytes. */
const LINE_MAX = 64 * 1_024

/** A way to the socket of a run that fits into the address of one, whatever the length of the run's own path. */
export interface ControlPath {
  readonly path: string
  readonly close: () => void
}

/** The socket's path, or on Linux one by an open folder where that is too long; undefined where neither will do. */
export function controlPath(dir: string): ControlPath | undefined {
  const path = join(dir, CONTROL)
  if (process.platform === 'win32') return undefined
  if (Buffer.byteLength(path) <= PATH_MAX) return { path, close: () => undefined }
  if (process.platform !== 'linux') return undefined
  const folder = openSync(dir, 'r')
  return {
    path: `/proc/self/fd/${folder}/${CONTROL}`,
    close: () => {
      closeSync(folder)
    },
  }
}

/** A request: one JSON line. The answer is one too. */
export interface ControlRequest {
  readonly command: string
  readonly text?: string
  readonly scope?: string
  /** Who asks for it through whom, where that is not the owner of the socket alone. */
  readonly by?: string
  /** Of an order. */
  readonly intent?: string
  readonly legs?: OrderLegs
  readonly tif?: TimeInForce
  /** What became of an alert; goes with the word `alert`. */
  readonly alert?: EventOf<'AlertDelivered'>['data']
}

/** `seq`: the event's sequence number, durable; or nothing was to be done; or what was wrong. */
export type ControlAnswer =
  | { readonly seq: number }
  | { readonly unchanged: true }
  | { readonly error: { readonly message: string; readonly expected: string } }

/** What a process does with requests. */
export interface ControlOptions {
  readonly dir: string
  readonly operator: OperatorQueue
  /** Reads the configuration anew: the event to take, nothing where it is what it was, or what is wrong with it. */
  readonly reload: (by: string) => Promise<OperatorEvent | undefined>
  readonly note: (line: string) => void
}

/** Listens for commands until it is closed. Where it cannot, it says so and the run goes on without. */
export class Control {
  readonly #of: ControlOptions
  readonly #server: Server
  readonly #path: ControlPath

  private constructor(of: ControlOptions, path: ControlPath) {
    this.#of = of
    this.#path = path
    this.#server = createServer(socket => {
      this.#serve(socket)
    })
  }

  static async open(of: ControlOptions): Promise<Control | undefined> {
    const path = controlPath(of.dir)
    if (!path) {
      of.note(`no commands are taken: ${join(of.dir, CONTROL)} cannot be the path of a socket`)
      return undefined
    }
    const control = new Control(of, path)
    const fault = await control.#listen()
    if (fault === undefined) return control
    path.close()
    of.note(`no commands are taken: ${fault}`)
    return undefined
  }

  close(): void {
    this.#server.close()
    rmSync(join(this.#of.dir, CONTROL), { force: true })
    this.#path.close()
  }

  /** Whoever holds the run's lock owns the socket: one that a crash left is taken away. */
  #listen(): Promise<string | undefined> {
    const { path } = this.#path
    rmSync(path, { force: true })
    const before = process.umask(0o177)
    return new Promise(resolve => {
      this.#server.once('error', error => {
        process.umask(before)
        resolve(error.message)
      })
      this.#server.listen(path, () => {
        process.umask(before)
        chmodSync(path, 0o600)
        this.#server.unref() // a run that is over does not wait for who might still ask
        resolve(undefined)
      })
    })
  }

  #serve(socket: Socket): void {
    let text = ''
    socket.setEncoding('utf8')
    socket.on('error', () => {
      socket.destroy()
    })
    socket.on('data', (part: string) => {
      text += part
      const end = text.indexOf('\n')
      if (end < 0 && text.length < LINE_MAX) return
      socket.pause()
      void this.#answer(text.slice(0, end < 0 ? 0 : end)).then(answer => {
        socket.end(`${JSON.stringify(answer)}\n`)
      })
    })
  }

  async #answer(line: string): Promise<ControlAnswer> {
    const request = requestIn(line)
    if (typeof request === 'string')
      return { error: { message: request, expected: `{"command":"${COMMANDS.join('|')}"}` } }
    const by = userInfo().username
    try {
      const event = await this.#eventOf(request, by)
      return event ? { seq: await this.#of.operator.submit(event) } : { unchanged: true }
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      const expected = error instanceof Error && 'expected' in error ? String(error.expected) : ''
      return { error: { message, expected } }
    }
  }

  async #eventOf(
    { command, text, scope, by: through, intent, legs, tif, alert }: ControlRequest,
    user: string,
  ): Promise<OperatorEvent | undefined> {
    if (alert !== undefined) return AlertDelivered.make(alert)
    const by = through === undefined ? user : `${user}: ${wellFormed(through)}`
    if (command === 'reload') return await this.#of.reload(by)
    const known = COMMANDS.find(one => one === command)
    if (!known) throw new Error(`'${command}' is no command`)
    if ((known === 'order') !== (legs !== undefined))
      throw new Error('an order has legs, and nothing else has')
    return CommandGiven.make({
      ...{ command: known, by, from: through === undefined ? 'socket' : 'window' },
      ...(text !== undefined && { text: wellFormed(text) }),
      ...(scope !== undefined && { scope }),
      ...(intent !== undefined && { intent: wellFormed(intent) }),
      ...(legs !== undefined && { legs }),
      ...(tif !== undefined && { tif }),
    })
  }
}

/** Halves of a character become its replacement: what a log holds must be readable everywhere. */
const wellFormed = (text: string): string => Buffer.from(text, 'utf8').toString('utf8')

const isAlert = (value: unknown): value is EventOf<'AlertDelivered'>['data'] | undefined =>
  value === undefined || AlertDelivered.codec.is(value)

/** A request in a line, or what is wrong with it. */
function requestIn(line: string): ControlRequest | string {
  let found: unknown
  try {
    found = JSON.parse(line)
  } catch {
    return 'a request is one line of JSON'
  }
  if (typeof found !== 'object' || found === null || !('command' in found))
    return 'a request names a command'
  const { command, text, scope, by, intent, legs, tif, alert } = found as Record<string, unknown>
  const isText = (value: unknown): value is string | undefined =>
    value === undefined || typeof value === 'string'
  const areTexts = isText(text) && isText(scope) && isText(by) && isText(intent)
  if (typeof command !== 'string' || !areTexts)
    return 'command, text, scope, by and intent are texts'
  if (legs !== undefined && (!OrderLegs.is(legs) || legs.length === 0 || legs.length > LEGS_MAX))
    return `legs are 1 … ${LEGS_MAX} lists [token, side, price in 1e-4 $, size in 1e-6 share]`
  if (tif !== undefined && !TimeInForce.is(tif)) return `${JSON.stringify(tif)} is no time in force`
  if ((command === 'alert') !== (alert !== undefined) || !isAlert(alert))
    return 'an alert has the fields of AlertDelivered, and nothing else has'
  return {
    command,
    ...(alert !== undefined && { alert }),
    ...(text !== undefined && { text }),
    ...(scope !== undefined && { scope }),
    ...(by !== undefined && { by }),
    ...(intent !== undefined && { intent }),
    ...(legs !== undefined && { legs }),
    ...(tif !== undefined && { tif }),
  }
}

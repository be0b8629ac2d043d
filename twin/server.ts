import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'
import { failure, type Answer, type Asked } from './answer.js'
import type { TwinClock } from './clock.js'
import type { Faults } from './faults.js'

/** Most bytes of a request, and of a message on a socket. */
const [BODY_MAX, MESSAGE_MAX] = [1 << 20, 1 << 20]
/** What a slow answer waits, ms. */
const SLOW_MS = 2_000

/** Who answers at which place. */
export interface Served {
  readonly answer: (asked: Asked) => Answer
  /** Who serves the sockets of a path. */
  readonly channels: ReadonlyMap<string, (socket: WebSocket) => void>
  readonly clock: TwinClock
  readonly faults: Faults
}

/** The one address of a twin, on 127.0.0.1: REST and sockets. */
export class TwinServer {
  readonly #of: Served
  readonly #http: Server
  readonly #sockets = new WebSocketServer({ noServer: true, maxPayload: MESSAGE_MAX })
  /** Requests by path, for tests and for `polaris venue`. */
  readonly counts = new Map<string, number>()

  constructor(of: Served) {
    this.#of = of
    this.#http = createServer((request, response) => {
      void this.#serve(request, response).catch(() => response.destroy())
    })
    this.#http.on('upgrade', (request, socket, head) => {
      this.#upgrade(request, socket, head)
    })
  }

  /** Listens at a port, or at a free one for 0; the base address without a slash. */
  async start(port: number): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.#http.once('error', reject)
      this.#http.listen(port, '127.0.0.1', resolve)
    })
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets.clients) socket.terminate()
    this.#sockets.close()
    this.#http.closeAllConnections()
    await new Promise<void>(resolve => {
      this.#http.close(() => {
        resolve()
      })
    })
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname: path, searchParams: query } = new URL(request.url ?? '/', 'http://twin')
    this.counts.set(path, (this.counts.get(path) ?? 0) + 1)
    const body = await bodyOf(request)
    const { method = 'GET', headers } = request
    const { clock, faults } = this.#of
    const answer =
      body === undefined
        ? failure(400, 'Payload exceeds the limit')
        : this.#of.answer({ method, path, query, headers, body })
    if (answer.never === 'hang') return
    if (answer.never === 'reset') {
      request.socket.resetAndDestroy()
      return
    }
    if (faults.isOn('rest-slow')) await clock.pause(SLOW_MS)
    response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers })
    response.end(answer.body)
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { pathname } = new URL(request.url ?? '/', 'http://twin')
    const serve = this.#of.channels.get(pathname)
    if (serve) this.#sockets.handleUpgrade(request, socket, head, serve)
    else socket.end('HTTP/1.1 404 Not Found\r\n\r\n')
  }
}

async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const parts: Buffer[] = []
  let length = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    length += part.length
    if (length <= BODY_MAX) parts.push(part)
  }
  return length > BODY_MAX ? undefined : Buffer.concat(parts).toString()
}

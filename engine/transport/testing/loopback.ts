import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A request as it came. */
export interface Asked {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly body: string
}

/** What is answered. */
export interface Answered {
  readonly status?: number
  readonly body?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** A server on this machine that answers as it is told. */
export interface Loopback {
  /** Without a slash. */
  readonly base: string
  readonly asked: Asked[]
  readonly close: () => Promise<void>
}

/** Serves on any port that is free. For `undefined` the connection is broken; a promise that never settles is a request without an answer. */
export async function loopback(
  answer: (asked: Asked, nth: number) => Answered | undefined | Promise<Answered | undefined>,
): Promise<Loopback> {
  const asked: Asked[] = []
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://loopback')
    const chunks: Buffer[] = []
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
    const one = {
      ...{ method: request.method ?? '', path: url.pathname, query: url.searchParams },
      body: Buffer.concat(chunks).toString(),
    }
    const said = await answer(one, asked.push(one))
    if (!said) {
      request.socket.destroy()
      return
    }
    response.writeHead(said.status ?? 200, said.headers)
    response.end(said.body ?? '')
  }
  const server = createServer((request, response) => {
    serve(request, response).catch(() => request.socket.destroy())
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    base: `http://127.0.0.1:${port}`,
    asked,
    close: () => {
      server.closeAllConnections()
      return new Promise(resolve => {
        server.close(() => {
          resolve()
        })
      })
    },
  }
}

/** Waits until something holds, a second at most (ms may be given). Whether it does. */
export async function until(holds: () => boolean, mostMs = 1_000): Promise<boolean> {
  const endsMs = performance.now() + mostMs
  while (!holds() && performance.now() < endsMs) await later(5)
  return holds()
}

/** Waits for so long. */
export const later = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Refused } from './problems.js'

/** Who may do what: `write` for orders and commands (and reading); `read` for reading alone, by names for the log. */
export interface Keys {
  readonly write: string | undefined
  /** None: whoever reaches the server may read. */
  readonly read: readonly string[]
}

/** What a server takes requests for, and from whom. */
export interface GuardOptions {
  readonly keys: Keys
  /** Names by which it may be called, without a port. */
  readonly hosts: readonly string[]
}

/** Names of this machine for itself. */
export const LOOPBACK: readonly string[] = ['localhost', '127.0.0.1', '[::1]']

/** Paths that need no key: the page itself, which shows nothing without one. */
const isPage = (path: string): boolean => !path.startsWith('/api/') && path !== '/metrics'

/**
 * Refuses what no client of ours would send: another host's name (DNS rebinding), another page's origin, a write without its key. No
 * cookie is ever set or looked at, so a browser adds nothing to a request that a strange page makes it send.
 */
export function guard(app: FastifyInstance, { keys, hosts }: GuardOptions): void {
  const digests = {
    write: keys.write === undefined ? undefined : digestOf(keys.write),
    read: keys.read.map(digestOf),
  }
  app.addHook('onRequest', async request => {
    const host = request.headers.host ?? ''
    if (!hosts.includes(nameOf(host)))
      throw new Refused(421, `this server is not called '${nameOf(host)}'`, {
        where: 'Host',
        expected: `${hosts.join(', ')}; others by --allow-host`,
      })
    const { origin } = request.headers
    if (origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`)
      throw new Refused(403, `pages of '${origin.slice(0, 200)}' may not call this server`, {
        where: 'Origin',
        expected: 'a page of this server, or a program that names no origin',
      })
  })
  // Whoever is refused before his socket was one of ours keeps none.
  app.addHook('onResponse', async (request, reply) => {
    if (request.headers.upgrade !== undefined && reply.statusCode >= 400)
      request.raw.socket.destroy()
  })
  // Behind the limit of requests, so that keys cannot be tried out, and before a body is looked at.
  app.addHook('preParsing', async request => {
    const path = request.url.split('?')[0] ?? ''
    if (isPage(path)) return
    const isWrite = request.method !== 'GET' && request.method !== 'HEAD'
    const key = keyOf(request)
    if (isWrite) mayWrite(key, digests.write)
    if (isWrite || digests.read.length === 0) return
    const mayRead = [...digests.read, ...(digests.write ? [digests.write] : [])]
    if (key === undefined || !mayRead.some(one => isSame(one, key)))
      throw new Refused(401, 'this needs a key', {
        where: 'x-api-key',
        expected: 'a key of POLARIS_READ_KEYS or POLARIS_API_KEY',
      })
  })
}

function mayWrite(key: Buffer | undefined, write: Buffer | undefined): void {
  if (!write)
    throw new Refused(403, 'nothing may be written here: the server has no key', {
      where: 'x-api-key',
      expected: 'a server started with POLARIS_API_KEY',
    })
  if (key === undefined || !isSame(write, key))
    throw new Refused(401, 'a write needs its key', {
      where: 'x-api-key',
      expected: 'the key of POLARIS_API_KEY',
    })
}

function keyOf({ headers }: FastifyRequest): Buffer | undefined {
  const key = headers['x-api-key']
  return typeof key === 'string' ? digestOf(key) : undefined
}

/** The name in a Host header, without its port. */
function nameOf(host: string): string {
  return host.toLowerCase().replace(/:\d{1,5}$/, '')
}

/** Digests of one length, so that a comparison tells nothing of the key. */
const digestOf = (key: string): Buffer => createHash('sha256').update(key).digest()
const isSame = (a: Buffer, b: Buffer): boolean => timingSafeEqual(a, b)

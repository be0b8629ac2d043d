import type { Test } from 'tap'
import { WebSocket } from 'ws'
import type { FaultKind } from '../faults.js'
import { TwinVenue, type TwinOptions } from '../venue.js'
import { TestClient, type Draft } from './client.js'
import { manualClock } from './rig.js'

/** A twin in time that the test moves, with a trader that has its key. */
export async function served(t: Test, of: Partial<TwinOptions> = {}) {
  const clock = manualClock()
  const nowMs = (): number => Math.floor(clock.nowUs() / 1_000)
  const venue = new TwinVenue({ scenario: 'parity-quiet', seed: 3, speed: 1, clock, ...of })
  const base = await venue.start()
  venue.pause()
  t.teardown(() => venue.stop())
  const trader = async (n: number): Promise<TestClient> => {
    const one = new TestClient(base, n, nowMs)
    await one.key()
    return one
  }
  const client = await trader(1)
  const market = [...venue.markets.markets.values()][0]!
  const [tokenId, other] = market.assets
  const book = venue.markets.books.get(tokenId!)!
  /** A BUY of ten shares far from the market, in cents. */
  const bid = (cents = 10, size = 10): Draft => {
    const [maker, taker] = [cents * size * 10_000, size * 1_000_000]
    return { market, tokenId: tokenId!, side: 'BUY', maker, taker }
  }
  const post = (draft: Draft, different?: Record<string, unknown>) =>
    client.call('POST', '/order', client.order(draft, different))
  const truth = () => venue.truth.account(client.address)
  return {
    venue,
    base,
    client,
    trader,
    market,
    tokenId: tokenId!,
    other: other!,
    book,
    bid,
    post,
    truth,
    clock,
    nowMs,
  }
}

/** Hears the user channel; what it said so far, parsed. */
export async function listening(base: string, auth: unknown, markets?: string[]) {
  const socket = new WebSocket(`${base.replace('http', 'ws')}/ws/user`)
  const said: Record<string, unknown>[] = []
  const raw: string[] = []
  let closed = 0
  socket.on('message', (data: Buffer) => {
    const text = data.toString()
    raw.push(text)
    if (text.startsWith('{')) said.push(JSON.parse(text) as Record<string, unknown>)
  })
  socket.on('close', code => (closed = code))
  await new Promise(resolve => socket.once('open', resolve))
  socket.send(JSON.stringify({ auth, type: 'user', ...(markets && { markets }) }))
  /** All that was sent before has come when a `PONG` comes. */
  const heard = async (): Promise<void> => {
    const pong = new Promise<void>(resolve => {
      socket.on('message', (data: Buffer) => data.toString() === 'PONG' && resolve())
      socket.once('close', () => resolve())
    })
    socket.send('PING')
    await pong
  }
  await heard()
  return { socket, said, raw, heard, wasClosed: () => closed }
}

/** The order id that an answer names. */
export const idOf = (body: unknown): string => (body as { orderID: string }).orderID

/** A twin with a trader who hears the user channel, and with a fault that goes on. */
export async function scripted(t: Test, kind: FaultKind, forMs?: number) {
  const set = await served(t)
  const { apiKey, secret, passphrase } = set.client.creds!
  const channel = await listening(set.base, { apiKey, secret, passphrase })
  set.venue.script(kind, forMs)
  return { ...set, channel }
}

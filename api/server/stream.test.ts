import { get, type IncomingMessage } from 'node:http'
import t from 'tap'
import WebSocket from 'ws'
import type { StreamRow } from '../run/stream-rows.js'
import { isRead, served } from '../testing/served.js'
import { CLIENT_BYTES_MAX, KEPT_MAX, StreamHub, type Message } from './hub.js'

const row = (seq: number): StreamRow => ({ seq, channel: 'order', json: `{"seq":${seq}}` })

/** A client that takes what it wants, when it wants. */
function client() {
  const got: Message[] = []
  const state = { waiting: 0 }
  const line = {
    send: (message: Message) => void got.push(message),
    waiting: () => state.waiting,
    ping: () => undefined,
    end: () => undefined,
  }
  return { got, state, line }
}

/** Sequences that a client was sent or told that it lost, one by one. */
function known(got: readonly Message[]): number[] {
  const seqs: number[] = []
  for (const { id, event, json } of got) {
    if (id !== undefined) seqs.push(id)
    if (event !== 'lost') continue
    const { from, to } = JSON.parse(json) as { from: number; to: number }
    for (let seq = from; seq <= to; seq++) seqs.push(seq)
  }
  return seqs
}

t.test('a client that falls behind is told what it lost, and goes on', async t => {
  const hub = new StreamHub()
  t.teardown(() => hub.close())
  const [slow, fast] = [client(), client()]
  hub.join(slow.line, 0)
  hub.join(fast.line, 0)
  hub.take([row(1), row(2)])
  slow.state.waiting = CLIENT_BYTES_MAX + 1
  hub.take([row(3), row(4), row(5)])
  slow.state.waiting = 0
  await new Promise(done => setTimeout(done, 400))
  hub.take([row(6)])
  t.same(known(slow.got), [1, 2, 3, 4, 5, 6])
  t.match(slow.got[2], { event: 'lost', json: '{"from":3,"to":5,"count":3}' })
  t.same(
    fast.got.map(({ id }) => id),
    [1, 2, 3, 4, 5, 6],
    'others wait for nobody',
  )
})

t.test('who comes back gets what was since, or is told from where to where it is gone', async t => {
  const hub = new StreamHub()
  t.teardown(() => hub.close())
  const last = KEPT_MAX + 500
  hub.take(Array.from({ length: last }, (_, k) => row(k + 1)))
  const [near, far] = [client(), client()]
  hub.join(near.line, last - 3)
  t.same(known(near.got), [last - 2, last - 1, last])
  hub.join(far.line, 100)
  t.match(far.got[0], { event: 'lost', json: '{"from":101,"to":500,"count":null}' })
  t.equal(known(far.got).length, last - 100)
})

/** Reads a stream of server-sent events; answers what closes it. */
function listen(
  base: string,
  path: string,
  headers = {},
): { ids: number[]; text: string[]; end: () => void } {
  const [ids, text]: [number[], string[]] = [[], []]
  let answer: IncomingMessage | undefined
  const asked = get(`${base}${path}`, { headers, agent: false }, found => {
    answer = found
    let rest = ''
    found.setEncoding('utf8').on('data', (part: string) => {
      rest += part
      const blocks = rest.split('\n\n')
      rest = blocks.pop() ?? ''
      for (const block of blocks) {
        text.push(block)
        const id = /^id: (\d+)$/m.exec(block)?.[1]
        if (id !== undefined) ids.push(Number(id))
      }
    })
  })
  asked.on('error', () => undefined)
  return {
    ids,
    text,
    end: () => {
      answer?.destroy()
      asked.destroy()
    },
  }
}

t.test('two hundred clients get every message of a run, in order', async t => {
  const { base, desk, close } = await served()
  t.teardown(close)
  const clients = Array.from({ length: 190 }, () => listen(base, '/api/stream?after=0'))
  const sockets = Array.from({ length: 10 }, () => {
    const ids: number[] = []
    const socket = new WebSocket(`${base.replace('http', 'ws')}/api/stream/ws?after=0`)
    socket.on('message', (data: Buffer) => {
      const { id } = JSON.parse(data.toString()) as { id: number | null }
      if (id !== null) ids.push(id)
    })
    return { ids, socket }
  })
  await isRead(base)
  const wanted = listen(base, '/api/stream', { 'last-event-id': '0' })
  const all = [...clients, ...sockets, wanted]
  const isOver = () => all.every(({ ids }) => ids.length > 0 && ids.length === wanted.ids.length)
  for (let k = 0; k < 200 && !(isOver() && k > 10); k++)
    await new Promise(done => setTimeout(done, 25))
  t.ok(wanted.ids.length > 200, `${wanted.ids.length} messages`)
  for (const { ids } of all) t.strictSame(ids, wanted.ids)
  t.equal((await desk.run()).hub.clients, 201)
  for (const { end } of [...clients, wanted]) end()
  for (const { socket } of sockets) socket.terminate()
  const again = listen(base, '/api/stream', { 'last-event-id': String(wanted.ids.at(-3)) })
  for (let k = 0; k < 100 && again.ids.length < 2; k++)
    await new Promise(done => setTimeout(done, 20))
  t.strictSame(again.ids, wanted.ids.slice(-2), 'and goes on where it was cut')
  again.end()
})

t.test('no page of another origin opens a socket', async t => {
  const { base, close } = await served()
  t.teardown(close)
  const url = `${base.replace('http', 'ws')}/api/stream/ws`
  const refused = await new Promise<number | undefined>(done => {
    const socket = new WebSocket(url, { headers: { origin: 'http://evil.example' } })
    socket.on('unexpected-response', (_, answer) => done(answer.statusCode))
    socket
      .on('open', () => done(undefined))
      .on('error', error => done(Number(/\d{3}/.exec(error.message))))
    setTimeout(() => done(0), 5_000).unref()
  })
  t.equal(refused, 403)
})

t.test('where reading needs a key, listening does too', async t => {
  const { base, close } = await served({ keys: { write: undefined, read: ['reads and no more'] } })
  t.teardown(close)
  t.equal((await fetch(`${base}/api/stream`)).status, 401)
  const url = `${base.replace('http', 'ws')}/api/stream/ws`
  const opens = (headers: Record<string, string>) =>
    new Promise<boolean>(done => {
      const socket = new WebSocket(url, { headers })
      socket.on('open', () => {
        socket.terminate()
        done(true)
      })
      socket.on('error', () => done(false))
    })
  t.equal(await opens({}), false)
  t.equal(await opens({ 'x-api-key': 'reads and no more' }), true)
})

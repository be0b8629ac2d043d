import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { KeptSocket, SOCKET_RULES, type SocketRules } from '#engine/transport/kept-socket.js'
import { channelServer, type Channel } from '#engine/transport/testing/channel.js'
import { later, until } from '#engine/transport/testing/loopback.js'

const RULES = { ...SOCKET_RULES, pingMs: 20, pongMs: 80, silentMs: 60, backoffMs: 10 }

interface Teardown {
  readonly teardown: (done: () => Promise<void> | void) => void
}

function keeping(t: Teardown, url: string, rules: Partial<SocketRules> = {}, chance = 0) {
  const seen = { opened: 0, frames: [] as string[], lost: [] as string[], silent: 0 }
  const lostMs: number[] = []
  const socket = new KeptSocket(
    url,
    {
      opened: () => seen.opened++,
      frame: bytes => seen.frames.push(bytes.toString()),
      lost: why => {
        seen.lost.push(why)
        lostMs.push(performance.now())
      },
      silent: () => seen.silent++,
    },
    { rules: { ...RULES, ...rules }, chance: () => chance },
  )
  t.teardown(() => {
    socket.close()
  })
  socket.open()
  return { socket, seen, lostMs }
}

async function served(t: Teardown, rules: Partial<SocketRules> = {}) {
  const channel: Channel = await channelServer()
  t.teardown(() => channel.close())
  const kept = keeping(t, channel.url, rules)
  await until(() => kept.seen.opened === 1)
  return { channel, ...kept }
}

void t.test('PING is said and PONG is no frame; all else is', async t => {
  const { channel, seen, socket } = await served(t, { silentMs: 10_000 })
  t.ok(socket.isOpen)
  t.ok(await until(() => (channel.said[0]?.length ?? 0) >= 5))
  t.same([...new Set(channel.said[0])], ['PING'])
  channel.sockets[0]?.send('{"a":1}')
  channel.sockets[0]?.send('PONG!')
  t.ok(await until(() => seen.frames.length === 2))
  t.same(seen.frames, ['{"a":1}', 'PONG!'])
  t.same(seen.lost, [], 'a PONG is as good as data')
  t.equal(seen.silent, 0)
})

void t.test('without a PONG it is dead, and opened again', async t => {
  const { channel, seen } = await served(t)
  channel.answers = false
  t.ok(await until(() => seen.lost.length === 1))
  t.match(seen.lost[0], /^no PONG for/)
  channel.answers = true
  t.ok(await until(() => seen.opened === 2))
})

void t.test('one that answers and says nothing is told of as silent', async t => {
  const { channel, seen } = await served(t)
  t.ok(await until(() => seen.silent >= 2))
  channel.sockets[0]?.send('data')
  await until(() => seen.frames.length === 1)
  const before = seen.silent
  await later(35)
  t.equal(seen.silent, before, 'with data it is not')
  t.same(seen.lost, [])
})

void t.test('whatever ends it is told of once, and it comes back', async t => {
  const { channel, seen, socket } = await served(t)
  channel.sockets[0]?.close(1012)
  t.ok(await until(() => seen.opened === 2))
  channel.sockets[1]?.terminate()
  t.ok(await until(() => seen.opened === 3))
  channel.sockets[2]?.send(Buffer.from([1, 2]), { binary: true })
  t.ok(await until(() => seen.opened === 4))
  socket.restart('for a test')
  t.notOk(socket.isOpen)
  socket.restart('while it waits: nothing happens')
  t.ok(await until(() => seen.opened === 5))
  t.match(seen.lost, [
    'closed with code 1012',
    'closed with code 1006',
    'a binary frame',
    'for a test',
  ])
  t.equal(seen.lost.length, 4)
})

void t.test('each failure doubles the wait, up to a bound, and chance adds to it', async t => {
  // A server that hangs up at once: no connection is ever open.
  const server = createServer(socket => socket.destroy())
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.close()
  })
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { seen, lostMs } = keeping(t, url, { backoffMs: 20, backoffMaxMs: 60 }, 0.5)
  t.ok(await until(() => lostMs.length >= 5))
  const waits = lostMs.slice(1).map((at, k) => at - lostMs[k]!)
  for (const [k, least] of [30, 60, 90, 90].entries())
    t.ok(waits[k]! >= least - 2 && waits[k]! < least + 200, `wait ${k}: ${waits[k]} of ${least} ms`)
  t.equal(seen.opened, 0)
})

void t.test('once data came the wait is short again', async t => {
  const { channel, seen } = await served(t, { backoffMs: 15, backoffMaxMs: 10_000 })
  for (let k = 0; k < 6; k++) {
    channel.sockets[k]?.send('data')
    await until(() => seen.frames.length === k + 1)
    channel.sockets[k]?.terminate()
    t.ok(await until(() => seen.opened === k + 2, 200), `${k}`)
  }
})

void t.test('an opening that hangs is given up', async t => {
  const server = createServer(() => undefined)
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
  const { seen, socket } = keeping(t, url, { openMs: 40 })
  t.ok(await until(() => seen.lost.length >= 1))
  t.match(seen.lost[0], /timed out/)
  socket.close()
  server.close()
})

void t.test('once it is closed nothing happens any more', async t => {
  const { channel, seen, socket } = await served(t)
  socket.close()
  socket.send('too late')
  socket.restart('too late')
  socket.open()
  await later(60)
  t.equal(channel.sockets.length, 1)
  t.same(seen.lost, [])
  t.notOk((channel.said[0] ?? []).includes('too late'))

  const waiting = await served(t)
  waiting.channel.sockets[0]?.terminate()
  await until(() => waiting.seen.lost.length === 1)
  waiting.socket.close()
  await later(60)
  t.equal(waiting.seen.opened, 1, 'nor is it opened when it was waiting to be')
})

// A venue in a process of its own: tells whoever connects so many frames at a rate, then when each of them left (ns, monotonic).
//
//   node socket-server.js FRAMES PER_SECOND SEED
import type { AddressInfo } from 'node:net'
import { setImmediate, setTimeout } from 'node:timers/promises'
import { WebSocketServer, type WebSocket } from 'ws'
import { framesOf } from './market.js'

const [count = 1_000, perSecond = 500, seed = 7] = process.argv.slice(2).map(Number)
const frames = [...framesOf(count, seed)]
const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false })
server.on('listening', () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`)
})
server.on('connection', socket => {
  socket.once('message', () => void tell(socket))
})

async function tell(socket: WebSocket): Promise<void> {
  const left: string[] = []
  const start = performance.now() + 20
  for (const [k, { bytes }] of frames.entries()) {
    const due = start + (k * 1_000) / perSecond
    for (let wait = due - performance.now(); wait > 0; wait = due - performance.now())
      await (wait > 1.5 ? setTimeout(wait - 1) : setImmediate())
    left.push(process.hrtime.bigint().toString())
    socket.send(bytes, { binary: false })
  }
  socket.send(`TIMES ${left.join()}`)
}

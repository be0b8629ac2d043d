import type { AddressInfo } from 'node:net'
import { WebSocketServer, type WebSocket } from 'ws'

/** A market channel on this machine, and what its clients said: one list a connection, in their order. */
export interface Channel {
  readonly url: string
  readonly said: string[][]
  readonly sockets: WebSocket[]
  /** When each connection was opened, ms. */
  readonly openedMs: number[]
  /** Whether `PING` is answered. */
  answers: boolean
  readonly close: () => Promise<void>
}

/** Serves on any port that is free; nothing but `PONG` is ever said by itself. */
export async function channelServer(): Promise<Channel> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  await new Promise(resolve => server.once('listening', resolve))
  const channel: Channel = {
    ...{ url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`, answers: true },
    ...{ said: [], sockets: [], openedMs: [] },
    close: () => {
      for (const socket of server.clients) socket.terminate()
      return new Promise(resolve => {
        server.close(() => {
          resolve()
        })
      })
    },
  }
  server.on('connection', socket => {
    const said: string[] = []
    channel.said.push(said)
    channel.sockets.push(socket)
    channel.openedMs.push(performance.now())
    socket.on('message', (data: Buffer) => {
      said.push(data.toString())
      if (data.toString() === 'PING' && channel.answers) socket.send('PONG')
    })
  })
  return channel
}

import websocket from '@fastify/websocket'
import Type from 'typebox'
import { At } from '../shapes/common.js'
import type { Desk } from '../server/desk.js'
import type { Line, Message } from '../server/hub.js'
import { Refused } from '../server/problems.js'
import { answers, type App } from '../server/typed.js'

const Query = Type.Object({
  run: At.run,
  after: Type.Optional(
    Type.Integer({
      ...{ minimum: 0, maximum: Number.MAX_SAFE_INTEGER },
      description: 'what stands behind this event; `Last-Event-ID` says the same',
    }),
  ),
})

/** The stream of a run, as server-sent events and over a WebSocket: one message an event of the log. */
export async function streamRoutes(app: App, desk: Desk): Promise<void> {
  await app.register(websocket, { options: { maxPayload: 1_024 } })

  app.get(
    '/api/stream',
    {
      schema: {
        tags: ['stream'],
        description:
          'Server-sent events: `signal`, `order`, `fill`, `health` with the log sequence as id; `tip` says how far the log was read; `lost` what a client was not sent.',
        querystring: Query,
        headers: Type.Object({ 'last-event-id': Type.Optional(Type.String({ maxLength: 20 })) }),
        produces: ['text/event-stream'],
        response: { ...answers(Type.Object({})), 200: STREAM },
      },
    },
    async (request, reply) => {
      const after = request.query.after ?? lastIdIn(request.headers['last-event-id'])
      const { hub } = await desk.run(request.query.run)
      const { raw } = reply
      const line: Line = {
        send: message => raw.write(sseText(message)),
        waiting: () => raw.writableLength,
        ping: () => raw.write(':\n\n'),
        end: () => raw.end(),
      }
      const early: Message[] = []
      let isOpen = false
      const leave = hub.join(
        {
          ...line,
          send: message => {
            if (isOpen) line.send(message)
            else early.push(message)
          },
        },
        after,
      )
      if (!leave) throw new Refused(503, 'the stream has too many clients')
      reply.hijack()
      raw.writeHead(200, {
        ...(reply.getHeaders() as Record<string, string>),
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
      })
      raw.write('retry: 1000\n\n')
      isOpen = true
      for (const message of early) line.send(message)
      // Who went while the run was opened tells nobody any more.
      if (raw.destroyed) leave()
      else raw.on('close', leave)
    },
  )

  app.get(
    '/api/stream/ws',
    { websocket: true, schema: { hide: true, querystring: Query } },
    (socket, request) => {
      const { run, after } = request.query
      const line: Line = {
        send: ({ id, event, json }) => {
          socket.send(`{"id":${id ?? 'null'},"event":"${event}","data":${json}}`)
        },
        waiting: () => socket.bufferedAmount,
        ping: () => {
          socket.ping()
        },
        end: () => {
          socket.close(1012, 'the run is read anew')
        },
      }
      socket.on('error', () => {
        socket.terminate()
      })
      desk
        .run(run)
        .then(({ hub }) => {
          const leave = hub.join(line, after)
          if (!leave) socket.close(1013, 'too many clients')
          else if (socket.readyState === socket.OPEN) socket.on('close', leave)
          else leave()
        })
        .catch((error: unknown) => {
          socket.close(1008, error instanceof Error ? error.message.slice(0, 100) : 'refused')
        })
    },
  )
}

/** What the answer of a stream is, for the published description. */
const STREAM = {
  description: 'the stream, for as long as the client listens',
  content: { 'text/event-stream': { schema: Type.String() } },
}

function sseText({ id, event, json }: Message): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${json}\n\n`
}

function lastIdIn(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined
  const id = Number(text)
  if (/^\d{1,16}$/.test(text) && Number.isSafeInteger(id)) return id
  throw new Refused(400, `'${text}' is no sequence number`, {
    where: 'Last-Event-ID',
    expected: 'the id of the last message',
  })
}

import { connect } from 'node:net'
import { join } from 'node:path'
import { Refusal } from './command.js'
import { CONTROL, controlPath, type ControlAnswer, type ControlRequest } from './control.js'

/** How long an answer may take: it waits for the disk, never for the market. */
const ANSWER_MS = 10_000

/** Says something to the process that runs a run; what it answers is durable. A `Refusal` where there is no such process. */
export async function tellRun(dir: string, request: ControlRequest): Promise<ControlAnswer> {
  const path = controlPath(dir)
  if (!path)
    throw new Refusal(
      'not-running',
      'its socket cannot be reached',
      join(dir, CONTROL),
      'a shorter path',
    )
  try {
    return await askAt(path.path, join(dir, CONTROL), request)
  } finally {
    path.close()
  }
}

function askAt(path: string, name: string, request: ControlRequest): Promise<ControlAnswer> {
  return new Promise((resolve, reject) => {
    const fail = (message: string): void => {
      socket.destroy()
      reject(new Refusal('not-running', message, name, 'a run whose process is alive'))
    }
    const socket = connect(path)
    let text = ''
    socket.setEncoding('utf8').setTimeout(ANSWER_MS)
    socket.on('connect', () => socket.write(`${JSON.stringify(request)}\n`))
    socket.on('timeout', () => {
      fail(`no answer within ${ANSWER_MS / 1_000} s; whether it was taken stands in the log`)
    })
    socket.on('error', (error: NodeJS.ErrnoException) => {
      const isGone = error.code === 'ENOENT' || error.code === 'ECONNREFUSED'
      fail(isGone ? 'no process runs this run' : error.message)
    })
    socket.on('data', (part: string) => {
      text += part
    })
    socket.on('end', () => {
      try {
        resolve(JSON.parse(text) as ControlAnswer)
      } catch {
        fail('the process ended before it answered')
      }
    })
  })
}

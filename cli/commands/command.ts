import { connect } from 'node:net'
import { join } from 'node:path'
import { COMMANDS } from '#schemas/reasons.js'
import { Refusal, textOf, wordOf, type Command } from '../command.js'
import { CONTROL, controlPath, type ControlAnswer, type ControlRequest } from '../control.js'
import { runDirOf } from '../runs.js'

const WORDS = COMMANDS.filter(command => command !== 'shutdown')
const USAGE = `command DIR (${WORDS.join(' | ')}) [TEXT]`
/** How long an answer may take: it waits for the disk, never for the market. */
const ANSWER_MS = 10_000

/** `polaris command`: says something to the process that runs a run; answered when it is durable. */
export const commandCommand: Command = {
  name: 'command',
  summary: 'tell a running process to pause, stop, cancel, flatten, reload or note something',
  usage: USAGE,
  example: 'command runs/demo pause',
  options: { scope: { type: 'string' } },
  help: { '--scope S': 'the purse that is meant (default: all)' },
  run: async call => {
    const dir = runDirOf(wordOf(call, 0, 'DIR', USAGE), call.values)
    const word = wordOf(call, 1, 'the command', USAGE)
    const command = WORDS.find(one => one === word)
    if (!command)
      throw new Refusal('usage', `'${word}' is no command`, 'command line', WORDS.join(', '))
    const text = call.positionals.slice(2).join(' ')
    if (command === 'note' && text === '')
      throw new Refusal('usage', 'a note has words', 'command line', 'note "what you saw"')
    const scope = textOf(call.values, 'scope')
    const path = controlPath(dir)
    if (!path)
      throw new Refusal(
        'not-running',
        'its socket cannot be reached',
        join(dir, CONTROL),
        'a shorter path',
      )
    const answer = await askAt(path.path, join(dir, CONTROL), {
      command,
      ...(text !== '' && { text }),
      ...(scope !== undefined && { scope }),
    })
    path.close()
    if ('error' in answer)
      throw new Refusal('refused', answer.error.message, dir, answer.error.expected)
    if ('unchanged' in answer) {
      call.say('the configuration is what it was: nothing changed')
      return { code: 1, json: { command, seq: null } }
    }
    call.say(`${command}: taken as event ${answer.seq}, and durable`)
    return { code: 0, json: { command, seq: answer.seq } }
  },
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

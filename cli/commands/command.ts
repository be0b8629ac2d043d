import { COMMANDS } from '#schemas/reasons.js'
import { Refusal, textOf, wordOf, type Command } from '../command.js'
import { runDirOf } from '../runs.js'
import { tellRun } from '../tell-run.js'

/** What may be said in words; an order has legs, which only `polaris serve` asks for. */
const WORDS = COMMANDS.filter(command => command !== 'shutdown' && command !== 'order')
const USAGE = `command DIR (${WORDS.join(' | ')}) [TEXT]`

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
    const answer = await tellRun(dir, {
      command,
      ...(text !== '' && { text }),
      ...(scope !== undefined && { scope }),
    })
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

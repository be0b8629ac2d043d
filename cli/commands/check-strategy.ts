import { Refusal, wordOf, type Call, type Command } from '../command.js'
import { loggedCode, ownStrategy, requireName } from '../strategies/own.js'
import { soundness, told } from '../strategies/sound.js'
import type { Trying } from '../strategies/check.js'

const USAGE = 'check-strategy FILE'

/** `polaris check-strategy`: may the strategy in a file trade? */
export const checkStrategyCommand: Command = {
  name: 'check-strategy',
  summary: 'whether a strategy in a file of your own decides by what it is told alone',
  usage: USAGE,
  example: 'check-strategy my-rule.ts',
  options: {},
  help: {
    FILE: 'a TypeScript file that exports one strategy and imports polaris/strategy alone',
  },
  run: async call => {
    const file = wordOf(call, 0, 'FILE', USAGE)
    try {
      const own = ownStrategy(file)
      requireName(own.strategy.name, file)
      call.say(loggedCode(own))
      call.progress('types, then simulated markets')
      const found = await soundness(own, call.stop)
      if (call.stop.aborted) return { code: 130, json: { code: loggedCode(own) } }
      say(call, found)
      const { first } = found
      const isSound = first === null
      return { code: isSound ? 0 : 1, json: { code: loggedCode(own), isSound, ...found } }
    } catch (error) {
      // What is wrong with the file itself is an answer as well.
      if (!(error instanceof Refusal) || error.code !== 'strategy') throw error
      const { message, where, expected } = error
      call.say(`not sound:\n  ${message}`)
      return { code: 1, json: { isSound: false, first: { why: message, where, expected } } }
    }
  },
}

function say(call: Call, { first, inputs, cuts, acts }: Trying): void {
  const number = (n: number): string => n.toLocaleString('en')
  call.say(`it fits the types of polaris/strategy`)
  call.say(
    `tried on ${number(inputs)} inputs, cut at ${cuts} places: ${number(acts)} signals, quotes and orders`,
  )
  if (first)
    for (const line of [`not sound: ${told(first)[0] ?? ''}`, ...told(first).slice(1)])
      call.say(line)
  else if (acts === 0) call.say('it did nothing there, which proves little: try a run')
  else call.say('sound: it decides by its events, its parameters and its memory alone')
}

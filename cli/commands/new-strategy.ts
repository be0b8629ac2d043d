import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Refusal, textOf, wordOf, type Command } from '../command.js'
import { requireName } from '../strategies/own.js'
import { commandsFor, filesOf } from '../strategies/template.js'
import { writeWhole } from '../write-whole.js'

const USAGE = 'new-strategy NAME [--dir DIR]'

/** `polaris new-strategy`: the files that a strategy of one's own begins with. */
export const newStrategyCommand: Command = {
  name: 'new-strategy',
  summary: 'a strategy of your own to begin with: a rule that works, its test and its page',
  usage: USAGE,
  example: 'new-strategy my-rule --dir strategies',
  options: { dir: { type: 'string' } },
  help: {
    NAME: 'what it is called: a-z, 0-9 and -',
    '--dir DIR': 'folder of the files (default: this one)',
  },
  run: async call => {
    const name = wordOf(call, 0, 'NAME', USAGE)
    requireName(name, 'NAME')
    const dir = textOf(call.values, 'dir') ?? '.'
    const texts = Object.entries(filesOf(name)).map(
      ([file, text]) => [join(dir, file), text] as const,
    )
    for (const [file] of texts)
      if (existsSync(file))
        throw new Refusal('exists', 'there is a file already', file, 'another name, or --dir')
    for (const [file, text] of texts) writeWhole(file, text)
    const files = texts.map(([file]) => file)
    const next = commandsFor(name)
    call.say(`written: ${files.join(', ')}`)
    call.say(dir === '.' ? 'next:' : `next, in ${dir}:`)
    for (const command of next) call.say(`  ${command}`)
    return { code: 0, json: { name, files, next } }
  },
}

import type { Command } from '../command.js'
import { decisionsOf, digestOf, KEYS, loadConfig } from '../config.js'
import { tableOf } from '../format/table.js'

/** `polaris config`: every key, its value, and where that came from. */
export const configCommand: Command = {
  name: 'config',
  summary: 'every configuration key, its value and where that came from',
  usage: 'config [--check]',
  example: 'config --set risk.open_max=5',
  options: { check: { type: 'boolean' } },
  help: { '--check': 'only say whether the configuration is valid' },
  run: async call => {
    const loaded = loadConfig(call.values)
    for (const remark of loaded.remarks ?? []) call.note(remark)
    const digest = await digestOf(decisionsOf(loaded))
    const sections = loaded.config as unknown as Record<string, Record<string, unknown>>
    const rows = Object.entries(KEYS).map(([key, { unit, doc }]) => {
      const [section = '', name = ''] = key.split('.')
      const value = JSON.stringify(sections[section]?.[name])
      return [key, value, unit, loaded.sources[key] ?? 'default', doc]
    })
    if (call.values['check'] === true) call.say('the configuration is valid')
    else
      for (const line of tableOf([['key', 'value', 'unit', 'from', 'meaning'], ...rows]))
        call.say(line)
    call.say(`digest of what decides: ${digest}`)
    return { code: 0, json: { config: loaded.config, sources: loaded.sources, digest } }
  },
}

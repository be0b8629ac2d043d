import { Refusal, wordOf, type Call, type Command } from '../command.js'
import { tableOf } from '../format/table.js'
import { fieldsOf, RULE_NAMES } from '../rules/fields.js'
import { rulesIn } from '../rules/files.js'
import { ruleSchema } from '../rules/schema.js'
import { RULE_TYPES } from '#engine/strategies/rules/registry.js'

const USAGE = 'rules (check PATH… | types | schema)'

/** `polaris rules`: files of rules, looked at before a run has them. */
export const rulesCommand: Command = {
  name: 'rules',
  summary:
    'look at files of rules (YAML): whether they fit, what types there are, their JSON schema',
  usage: USAGE,
  example: 'rules check docs/rules',
  options: {},
  help: {
    'check PATH…': 'files, or folders of them: each rule with the parameters that it comes to',
    types: 'every type of rule with its keys',
    schema: 'the JSON schema, for an editor',
  },
  run: call => {
    const word = wordOf(call, 0, 'check, types or schema', USAGE)
    const of = { check, types, schema }
    if (word !== 'check' && word !== 'types' && word !== 'schema')
      throw new Refusal('usage', `'${word}' is none of them`, 'command line', USAGE)
    return Promise.resolve(of[word](call))
  },
}

function check(call: Call) {
  const paths = call.positionals.slice(1)
  if (paths.length === 0) throw new Refusal('usage', 'PATH is needed', 'command line', USAGE)
  const rules = rulesIn(paths)
  for (const { id, strategy, params } of rules) {
    call.say(`${id} (${strategy})`)
    for (const [name, value] of Object.entries(params))
      call.say(`  ${name} = ${JSON.stringify(value)}`)
  }
  if (rules.length === 0) call.say('no rule is enabled')
  return { code: rules.length > 0 ? (0 as const) : (1 as const), json: { rules } }
}

function types(call: Call) {
  const all = RULE_NAMES.map(type => ({
    type,
    strategy: RULE_TYPES[type].name,
    doc: RULE_TYPES[type].doc,
    keys: Object.entries(fieldsOf(type)).map(([key, { unit, doc }]) => ({ key, unit, doc })),
  }))
  for (const { type, doc, keys } of all) {
    call.say(`${type}: ${doc}`)
    for (const line of tableOf(keys.map(({ key, unit, doc: of }) => [`  ${key}`, unit, of])))
      call.say(line)
  }
  return { code: 0 as const, json: { types: all } }
}

function schema(call: Call) {
  const made = ruleSchema()
  call.say(JSON.stringify(made, null, 2))
  return { code: 0 as const, json: { schema: made } }
}

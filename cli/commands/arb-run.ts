import { Refusal, textOf, textsOf, type Call, type Command, type Values } from '../command.js'
import { decisionsOf, digestOf, loadConfig } from '../config.js'
import { VENUE } from '../run-plan.js'
import { runCommand } from './run.js'

/** What an earlier portfolio may be called: the venue, and what was put behind it. */
const PORTFOLIO = /^polymarket(_[a-z0-9_.-]{1,64})?$/
/** Characters of a tag, and how many: what the earlier system kept of one. */
const TAG_MAX = 64

/** `polaris arb-run`: the engine as the earlier system's users start it. It is `run` with the venue as its source. */
export const arbRunCommand: Command = {
  name: 'arb-run',
  summary:
    'start the engine at the venue: shadow, paper or live (`run`, as the earlier system called it)',
  usage:
    'arb-run --mode (shadow | paper_live | paper_replay | live) [--source NAME] [--run-tag TAG]',
  example: 'arb-run --mode shadow --run-tag auto',
  options: {
    ...runCommand.options,
    'run-tag': { type: 'string' },
    'paper-capital-scope': { type: 'string' },
  },
  help: {
    ...runCommand.help,
    '--source S': `${VENUE} (default) or a name of the earlier system that begins so (polymarket_shared10): the venue; or sim:SCENARIO, or a run's directory`,
    '--run-tag TAG':
      'label in the manifest, as run.tag; `auto`: auto- and ten digits of the digest of what decides, so that every change of it is another tag',
    '--paper-capital-scope S':
      'shared: one purse for all strategies; strategy: one for each (risk.scope); not in live mode',
  },
  run: async call => {
    const values = await arbValues(call.values)
    const [name, own] = [textOf(call.values, 'source'), textOf(values, 'source')]
    if (name !== undefined && own !== undefined && name !== own)
      call.note(
        `${name} is the venue; the name of a portfolio has no meaning here but as --run-tag`,
      )
    return await runCommand.run({ ...call, values } satisfies Call)
  },
}

/** The values of `arb-run` as `run` takes them. */
export async function arbValues(values: Values): Promise<Values> {
  const source = sourceOf(values)
  const mode = textOf(values, 'mode')
  if (mode === 'paper_replay' && source === VENUE)
    throw new Refusal(
      'usage',
      'a replay on paper has no source',
      '--source',
      "the directory of a run (`polaris record` makes one of the venue's market data)",
    )
  const { 'run-tag': _tag, 'paper-capital-scope': _scope, ...rest } = values
  const set = [...textsOf(values, 'set'), ...scopeOf(values)]
  const scoped = { ...rest, ...(source !== undefined && { source }), set }
  const tag = await tagOf(scoped, textOf(values, 'run-tag'))
  return { ...scoped, set: tag === undefined ? set : [...set, `run.tag=${JSON.stringify(tag)}`] }
}

/** The source: the venue where nothing is said, but for a run that is resumed, which knows its own. */
function sourceOf(values: Values): string | undefined {
  const word = textOf(values, 'source')
  if (word === undefined) return textOf(values, 'resume') === undefined ? VENUE : undefined
  return PORTFOLIO.test(word) ? VENUE : word
}

function scopeOf(values: Values): readonly string[] {
  const word = textOf(values, 'paper-capital-scope')
  if (word === undefined) return []
  const scope = word === 'shared' ? 'shared' : word === 'strategy' ? 'instance' : undefined
  const where = '--paper-capital-scope'
  if (scope === undefined)
    throw new Refusal('usage', `${where} is '${word}'`, where, 'shared or strategy')
  if ((textOf(values, 'mode') ?? process.env['RAZOR_MODE']) === 'live')
    throw new Refusal('usage', 'it is for runs on paper', where, 'risk.scope in the configuration')
  return [`risk.scope="${scope}"`]
}

/** A tag as the earlier system kept it: lower case, of `a-z 0-9 _ . -`, at most 64 characters. */
async function tagOf(values: Values, word: string | undefined): Promise<string | undefined> {
  if (word === undefined) return undefined
  if (word === 'auto')
    return `auto-${(await digestOf(decisionsOf(loadConfig(values)))).slice(0, 10)}`
  const tag = word
    .toLowerCase()
    .replaceAll(/[^a-z0-9_.-]/g, '')
    .slice(0, TAG_MAX)
  if (tag !== '') return tag
  throw new Refusal('usage', `--run-tag is '${word}'`, '--run-tag', 'letters, digits, _, . and -')
}

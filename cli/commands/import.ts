import { Refusal, textOf, wordOf, type Command } from '../command.js'
import { loadConfig } from '../config.js'
import { nearest } from '../format/nearest.js'
import { freshDir } from '../runs.js'
import { runPlan } from '../start-run.js'
import { KINDS as RECORDINGS, type Importer } from '#engine/feeds/recorded/kinds.js'
import { readMeta } from '#engine/feeds/recorded/meta.js'

const USAGE = 'import KIND PATH… [--meta FILE] [--out DIR]'
const KINDS = [...Object.keys(RECORDINGS), 'hive']

/** A dataset that `export` wrote; the database that reads it is loaded for it alone. */
async function hiveImporter(): Promise<Importer> {
  const { hiveFeed } = await import('../hive-feed.js')
  return ([dir = '', ...more]) => {
    if (more.length === 0) return hiveFeed(dir)
    throw new Refusal('usage', 'a dataset is one folder', more.join(' '), USAGE)
  }
}

/** `polaris import`: turn a recording into a run: the inputs it holds, in one verified log. */
export const importCommand: Command = {
  name: 'import',
  summary: 'turn a recording into a run, and say what was skipped and how well its books hold',
  usage: USAGE,
  example: 'import polymarket-frames recording/frames.json --out runs/fed',
  options: { meta: { type: 'string' }, out: { type: 'string' } },
  help: {
    KIND: KINDS.join(', '),
    PATH: 'files of the recording, or its directory',
    '--meta FILE': 'JSON that describes the markets; without it they are inferred and marked so',
    '--out DIR': 'directory of the new run (default: below the runs directory)',
  },
  run: async call => {
    const { values } = call
    const kind = wordOf(call, 0, 'KIND', USAGE)
    wordOf(call, 1, 'PATH', USAGE)
    const importer = kind === 'hive' ? await hiveImporter() : RECORDINGS[kind]
    if (!importer) {
      const near = nearest(kind, KINDS)
      const expected = near === undefined ? KINDS.join(', ') : `did you mean ${near}?`
      throw new Refusal('usage', `'${kind}' is no kind of recording`, 'command line', expected)
    }
    const meta = textOf(values, 'meta')
    const { config } = loadConfig(values)
    const feed = importer(
      call.positionals.slice(1),
      meta === undefined ? undefined : await readMeta(meta),
      { skewUs: config.feed.skew_ms * 1_000 },
    )
    const dir = freshDir(values, kind)
    const plan = { dir, feed, config, mode: 'import', seed: 0, faults: [], parent: '' } as const
    const end = await runPlan(
      { ...plan, durability: config.log.durability, acks: false, backend: config.run.backend },
      call,
    )
    const { read, skipped, markets, tokens, hashChecked, hashOk, ...settles } = feed.report()
    const { settlesChecked: checked, settlesOk: agreed } = settles
    const { checks, agreeBefore, agreeAfter, crossed } = end.loop.state.fold.stats
    const { inputs } = end.loop
    const share = (n: number): string =>
      checks === 0 ? '—' : `${((100 * n) / checks).toFixed(3)} %`
    call.say(`run      ${dir}`)
    call.say(`head     ${end.head}`)
    call.say(`read     ${read} rows, ${inputs} inputs; ${markets} markets, ${tokens} tokens`)
    for (const { reason, count, first } of skipped)
      call.say(`skipped  ${count} × ${reason} (first: ${first})`)
    if (checks > 0) {
      call.say(`best     ${share(agreeBefore)} of ${checks} agree with the venue before correction`)
      call.say(`         ${share(agreeAfter)} after it`)
    }
    if (hashChecked > 0) call.say(`hashes   ${hashOk} of ${hashChecked} are the venue's`)
    if (checked > 0) call.say(`settled  ${agreed} of ${checked} as the prices say`)
    call.say(`crossed  ${crossed}`)
    call.say(`next: polaris run --source ${dir}`)
    return {
      code: call.stop.aborted ? 130 : 0,
      json: {
        runDir: dir,
        head: end.head,
        read,
        inputs,
        skipped,
        markets,
        tokens,
        ...(checked > 0 && { settlements: { checked, agreed } }),
        book: { checks, agreeBefore, agreeAfter, hashChecked, hashOk, crossed },
      },
    }
  },
}

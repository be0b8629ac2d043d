import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { arch, cpus, platform } from 'node:os'
import { dirname } from 'node:path'
// Types only: benches and what they compare load when one is asked for.
import type { Bench, Found } from '#bench/question.js'
import { Refusal, textOf, wholeOf, wordOf, type Command } from '../command.js'
import { tableOf } from '../format/table.js'

const USAGE = 'bench NAME [--events N] [--samples N] [--out FILE]'

const BENCHES: Readonly<Record<string, () => Promise<{ readonly bench: Bench }>>> = {
  book: () => import('#bench/book.bench.js'),
  decode: () => import('#bench/decode.bench.js'),
  import: () => import('#bench/import.bench.js'),
  line: () => import('#bench/line.bench.js'),
  append: () => import('#bench/append.bench.js'),
  replay: () => import('#bench/replay.bench.js'),
  sweep: () => import('#bench/sweep.bench.js'),
  quoting: () => import('#bench/quoting.bench.js'),
  verify: () => import('#bench/verify.bench.js'),
  long: () => import('#bench/long.bench.js'),
  project: () => import('#bench/project.bench.js'),
  plan: () => import('#bench/plan.bench.js'),
  t2t: () => import('#bench/t2t.bench.js'),
  sign: () => import('#bench/sign.bench.js'),
  desk: () => import('#bench/desk.bench.js'),
  harvest: () => import('#bench/harvest.bench.js'),
}
const NAMES = Object.keys(BENCHES).join(', ')

/** `polaris bench`: one question, its contenders on the same data, and what it cost on this machine. */
export const benchCommand: Command = {
  name: 'bench',
  summary: 'measure one question on this machine, against contenders on the same data',
  usage: USAGE,
  example: 'bench line',
  options: { events: { type: 'string' }, samples: { type: 'string' }, out: { type: 'string' } },
  help: {
    NAME: NAMES,
    '--events N': 'how much data; each bench has its own default',
    '--samples N': 'times each contender runs; each bench has its own default',
    '--out FILE': 'also write the result as Markdown',
  },
  run: async call => {
    const name = wordOf(call, 0, 'NAME', `bench NAME, one of ${NAMES}`)
    const bench = await benchNamed(name)
    const events = wholeOf(call.values, 'events', 1) ?? bench.events
    const samples = wholeOf(call.values, 'samples', 1) ?? bench.samples
    const found = await bench.run({ events, samples }, call)
    const report = reportOf(bench, found, { events, samples })
    call.say(report.question)
    for (const line of rowsOf(found)) call.say(line)
    for (const [fact, value] of Object.entries(found.facts ?? {})) call.say(`${fact}: ${value}`)
    call.say(bench.dominates)
    const out = textOf(call.values, 'out')
    if (out !== undefined) {
      write(out, markdown(report, found))
      call.note(`written to ${out}`)
    }
    return { code: 0, json: report }
  },
}

async function benchNamed(name: string): Promise<Bench> {
  const load = BENCHES[name]
  if (!load) throw new Refusal('usage', `there is no bench '${name}'`, 'NAME', `one of ${NAMES}`)
  try {
    return (await load()).bench
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error
    if (!isMissing || error.code !== 'ERR_MODULE_NOT_FOUND') throw error
    throw new Refusal(
      'no-bench',
      `the bench '${name}' or a contender is not installed: ${error.message}`,
      'node_modules',
      'a clone with its development dependencies (npm ci)',
    )
  }
}

function reportOf(bench: Bench, found: Found, size: { events: number; samples: number }) {
  const { name, question, dominates } = bench
  const [ours, rival] = found.contenders
  const isRace = ours !== undefined && rival !== undefined && ours.group === rival.group
  return {
    name,
    question,
    machine: {
      cpu: cpus()[0]?.model.trim() ?? 'unknown',
      cores: cpus().length,
      platform: platform(),
      arch: arch(),
    },
    versions: { node: process.versions.node, v8: process.versions.v8 },
    ...size,
    contenders: found.contenders,
    /** Median of the second contender over that of the first: above 1, ours is faster. */
    ratio: isRace ? rival.ratio : 1,
    facts: found.facts ?? {},
    dominates,
  }
}

function rowsOf({ contenders }: Found): string[] {
  const rows = contenders.map(({ group, name, medianNs, p99Ns, opsPerS, ratio }) => [
    group === '' ? name : `${group}: ${name}`,
    String(medianNs),
    String(p99Ns),
    opsPerS.toLocaleString('en'),
    ratio.toFixed(2),
  ])
  return tableOf([['contender', 'median ns', 'p99 ns', 'per second', 'ratio'], ...rows])
}

function markdown(report: ReturnType<typeof reportOf>, { contenders, facts = {} }: Found): string {
  const { machine, versions, events, samples } = report
  const cells = (row: readonly (string | number)[]): string => `| ${row.join(' | ')} |`
  const rows = contenders.map(({ group, name, medianNs, p99Ns, opsPerS, ratio }) =>
    cells([group, name, medianNs, p99Ns, opsPerS.toLocaleString('en'), ratio.toFixed(2)]),
  )
  const list = Object.entries(facts).map(([fact, value]) => `* ${fact}: ${value}`)
  return [
    `# ${report.name}: ${report.question}`,
    '',
    `${new Date().toISOString().slice(0, 10)} · ${machine.cpu}, ${machine.cores} cores, ${machine.platform} ${machine.arch} · ` +
      `Node ${versions.node} · ${events.toLocaleString('en')} events, ${samples} samples`,
    '',
    cells(['question', 'contender', 'median ns', 'p99 ns', 'per second', 'ratio']),
    '|---|---|---:|---:|---:|---:|',
    ...rows,
    '',
    ...(list.length > 0 ? [...list, ''] : []),
    `**What dominates.** ${report.dominates}`,
    '',
  ].join('\n')
}

function write(file: string, text: string): void {
  if (!existsSync(dirname(file))) mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}

import { join } from 'node:path'
import t from 'tap'
import { loadAddon } from '#engine/native/addon.js'
import { polaris, starting } from './helpers/cli.js'

const KILLS = process.env['POLARIS_LONG'] === '1' ? 30 : 12
const SOURCE = 'sim:parity-busy/60000'
const dir = t.testdir()

/** Every kill finds another writer than the one before, where there are two. */
const WRITERS = typeof loadAddon() === 'string' ? ['ts'] : ['native', 'ts', 'auto']

/** What a run decided, without what a crash adds. */
const facts = (run: string): unknown => {
  const { inputs: _i, decisions: _d, ...rest } = polaris('summary', run, '--json').json
  return rest
}

t.test(
  `no acknowledged event is lost over ${KILLS} SIGKILLs, and the run ends as if undisturbed`,
  async t => {
    const calm = join(dir, 'calm')
    polaris('run', '--source', SOURCE, '--out', calm, '--durability', 'none')
    const wanted = facts(calm)
    let run = 0
    let kills = 0
    let lost = 0
    for (let rng = 20_261_121; kills < KILLS; run++) {
      const out = join(dir, `run${run}`)
      let words = ['run', '--source', SOURCE, '--out', out]
      // Each run is killed again and again, then left to end.
      for (let k = 0; k < 6 && kills < KILLS; k++, kills++) {
        rng = (Math.imul(rng, 1_103_515_245) + 12_345) & 0x7fffffff
        const acked = await killedAfter(rng % 120, [
          ...words,
          ...['--backend', WRITERS[kills % WRITERS.length]!],
          '--acks',
          '--json',
          '--set',
          'log.commit_events=64',
          '--set',
          'log.checkpoint_events=5000',
        ])
        if (acked === 'ended') break
        const { lastSeq = 0 } = polaris('verify', out, '--json').json as { lastSeq?: number }
        if (lastSeq < acked) lost++
        if (lastSeq > 0) words = ['run', '--resume', out]
        else words = ['run', '--source', SOURCE, '--out', join(dir, `run${run}-${k}`)]
      }
      const last = words[1] === '--resume' ? String(words[2]) : String(words[4])
      polaris(...words)
      if (polaris('verify', last, '--json').json['sealed'] !== true) t.fail(`${last} is sealed`)
      if (polaris('replay', last, '--verify').code !== 0) t.fail(`${last} replays`)
      t.same(facts(last), wanted, `signals, orders, fills and profit of run ${run}`)
    }
    t.equal(lost, 0)
  },
)

/** Starts a run, kills it `ms` after its first acknowledgement, and returns the last sequence it acknowledged. */
async function killedAfter(ms: number, words: readonly string[]): Promise<number | 'ended'> {
  const child = starting(...words)
  let text = ''
  let timer: NodeJS.Timeout | undefined
  child.stdout?.setEncoding('utf8').on('data', (more: string) => {
    text = (text + more).slice(-4_096)
    timer ??= setTimeout(() => child.kill('SIGKILL'), ms)
  })
  const signal = await new Promise(resolve => child.once('close', (_code, by) => resolve(by)))
  clearTimeout(timer)
  if (signal !== 'SIGKILL') return 'ended'
  const acks = [...text.matchAll(/\{"acked":(\d+)\}\n/g)]
  return Number(acks[acks.length - 1]?.[1] ?? 0)
}

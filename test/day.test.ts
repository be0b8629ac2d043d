import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { polaris, starting } from './helpers/cli.js'

/** A day where `POLARIS_DAY` asks for it, an hour in the long tests, nothing else. */
const LENGTH =
  process.env['POLARIS_DAY'] === '1' ? '24h' : process.env['POLARIS_LONG'] === '1' ? '30m' : ''
const KILLS = 10
const dir = t.testdir()

/** Enough capital and liquidity that no limit and no residue ends the day early: what is bought is held until it is decided. */
const WORDS = [
  ...['--source', `sim:venue/${LENGTH}`, '--seed', '5', '--durability', 'interval'],
  ...['--set', 'risk.bankroll_micro=100000000000', '--set', 'risk.exposure_max_micro=100000000000'],
  ...[
    '--set',
    'views.live=false',
    '--set',
    'risk.health_signals_min=0',
    '--set',
    'risk.fails_max=0',
  ],
  ...['--set', 'risk.daily_loss_max_micro=0', '--set', 'sim.fill_model=walk'],
]

/** Resident memory of a process in MB, where the system says it. */
function residentMb(pid: number): number | undefined {
  try {
    const [, kb] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    return kb === undefined ? undefined : Number(kb) / 1_024
  } catch {
    return undefined
  }
}

/** Runs a verb with `--acks`; kills it as soon as `killAt` is acknowledged. Answers with memory by acknowledged event. */
async function followed(words: readonly string[], killAt = Infinity) {
  const child = starting(...words, '--acks', '--json')
  const memory: { seq: number; mb: number }[] = []
  let rest = ''
  let acked = 0
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const said = JSON.parse(line) as { acked?: number }
      acked = said.acked ?? acked
    }
    const mb = residentMb(child.pid ?? 0)
    if (mb !== undefined) memory.push({ seq: acked, mb })
    if (acked >= killAt) child.kill('SIGKILL')
  })
  const code = await new Promise<number | null>(resolve => child.on('close', resolve))
  return { acked, memory, code }
}

/** A view without its run id. */
const view = (run: string, name: string): string =>
  readFileSync(join(run, 'views', name), 'utf8').replaceAll(/\b(whole|broken)\b/g, 'run')

t.test(
  `${LENGTH || 'no time'} of 200 markets, undisturbed and killed ${KILLS} times`,
  {
    skip: LENGTH === '' ? 'set POLARIS_LONG=1 (half an hour) or POLARIS_DAY=1' : false,
  },
  async t => {
    const [whole, broken] = [join(dir, 'whole'), join(dir, 'broken')]
    const { acked: last, memory, code } = await followed(['run', ...WORDS, '--out', whole])
    t.equal(code, 0)
    const warm = memory.filter(({ seq }) => seq > last / 4 && seq < last / 2).map(({ mb }) => mb)
    const late = memory.filter(({ seq }) => seq > last / 2).map(({ mb }) => mb)
    if (LENGTH === '24h' && warm.length > 0)
      t.ok(
        Math.max(...late) < Math.max(...warm) + 64,
        `${Math.max(...warm)} MB when warm, ${Math.max(...late)} MB at most later`,
      )

    let kills = 0
    for (let k = 1; k <= KILLS; k++) {
      const at = Math.floor((k * last) / (KILLS + 1))
      const words = k === 1 ? ['run', ...WORDS, '--out', broken] : ['run', '--resume', broken]
      const { code: ended } = await followed(words, at)
      if (ended !== 0) kills++
    }
    t.equal(kills, KILLS, 'it was killed each time')
    t.equal(polaris('run', '--resume', broken, '--durability', 'interval').code, 0)

    for (const run of [whole, broken]) {
      t.equal(polaris('replay', run, '--verify').code, 0, 'it replays')
      t.equal(polaris('verify', run).code, 0, 'it verifies')
      t.equal(polaris('project', run, '--db', 'none').code, 0)
      t.equal(
        polaris('project', run, '--db', 'none', '--check').code,
        0,
        'its views are what its log gives',
      )
    }
    for (const name of ['trade_log.csv', 'positions.csv', 'pnl.csv', 'shadow_log.csv'])
      t.ok(view(broken, name) === view(whole, name), `${name} is that of the undisturbed run`)
    const [one, other] = [whole, broken].map(run => polaris('summary', run, '--json').json)
    t.same(one?.['pnlMicro'], other?.['pnlMicro'])
    t.equal(one?.['signals'], other?.['signals'])
    if (LENGTH !== '24h') return
    const suggest = readFileSync(join(whole, 'views', 'calibration_suggest.toml'), 'utf8')
    for (const bucket of ['liquid', 'thin'])
      t.match(
        suggest,
        new RegExp(`\\[calibration_suggest\\.${bucket}\\.real_share_req\\][^[]*p25 = `),
      )
  },
)

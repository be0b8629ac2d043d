import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { defaults } from '#schemas/config.js'
import type { WallClock } from '#engine/core/wall-clock.js'
import { folderStore } from '#engine/log/store/folder-store.js'
import { HARVEST_TABLES, type HarvestTable } from '#projections/harvest/tables.js'
import { digestOf } from '#cli/harvest/rebuild.js'
import { BASE, retain } from '#cli/harvest/retain.js'
import { HarvestService } from '#cli/harvest/service.js'
import { memoryOf, harvestRuns } from '#cli/harvest/runs.js'
import { openTables } from '#cli/harvest/tables.js'
import { TwinSources } from '#twin/collected/sources.js'
import { rowsOf } from '#cli/runs.js'
import { polaris } from './helpers/cli.js'
import { TWIN, twinHttp } from './helpers/twin-http.js'

const HOUR_US = 3_600_000_000
const DAY_US = 24 * HOUR_US
/** So many times as fast as the machine's. */
const FASTER = 1_500
const BEGIN_US = Date.UTC(2026, 10, 20, 22, 40) * 1_000

function fastClock(): WallClock {
  const begin = performance.now()
  const nowUs = (): number => BEGIN_US + Math.floor((performance.now() - begin) * 1_000 * FASTER)
  return {
    nowUs,
    wakeAt: (atUs, call) => {
      const timer = setTimeout(call, Math.max(0, (atUs - nowUs()) / 1_000 / FASTER))
      return () => clearTimeout(timer)
    },
  }
}

const dir = t.testdir()
const runsDir = join(dir, 'runs')
writeFileSync(
  join(dir, 'polaris.toml'),
  `[harvest]
scope = "all"
run_hours = 1
quote_top_ms = 120000
quote_depth_ms = 300000
l2_ms = 600000
tables_ms = 300
timeout_ms = 600000
`,
)

t.test(
  'each run ends at its time, the next takes over, and no slot is lost between them',
  async t => {
    const clock = fastClock()
    const twin = new TwinSources({ seed: 6, handles: ['elonmusk'], markets: 5, clock })
    const stop = new AbortController()
    const silent = (): void => undefined
    const call = {
      ...{
        positionals: [],
        say: silent,
        note: silent,
        progress: silent,
        stream: silent,
        stop: stop.signal,
      },
      values: { 'runs-dir': runsDir, config: join(dir, 'polaris.toml'), venue: TWIN },
    }
    const timer = setTimeout(() => stop.abort(), (2.6 * HOUR_US) / 1_000 / FASTER)
    const served = await new HarvestService(call, { clock, http: twinHttp(twin, clock) }).run()
    clearTimeout(timer)
    t.ok(served.runs.length >= 3, `${served.runs.length} runs`)
    const runs = await harvestRuns(folderStore(runsDir))
    t.ok(runs.every(({ status }) => status === 'sealed'))
    const slots: number[] = []
    for (const { run } of runs) {
      const memory = await memoryOf(run, folderStore(runsDir))
      t.ok(memory.accounts.size === 1 && memory.markets.size > 0, 'each log stands alone')
      for await (const rows of rowsOf(run))
        for (const { event } of rows)
          if (event.type === 'CollectorRan' && event.data.job === 'quote_top_sync') {
            const { slot, missed } = event.data
            for (let k = Math.max(0, missed - 1); k >= 0; k--) slots.push(slot - k)
          }
    }
    t.same(
      slots,
      Array.from({ length: slots.length }, (_, k) => slots[0]! + k),
      'one slot after the other',
    )
    t.ok(slots.length > 60)
  },
)

t.test('a collector of which nothing ended lately stands still', async t => {
  const { code, json } = polaris('harvest', 'status', '--runs-dir', runsDir, '--json')
  t.equal(code, 1)
  t.match(json, {
    isCollecting: false,
    ops_runs_5m: 0,
    quote_top_5m: 0,
    l2_5m: 0,
    empty: ['ops_runs_5m', 'quote_top_5m', 'l2_5m'],
  })
  t.ok((json['still'] as string[]).includes('quote_top_sync') && Number(json['post_total']) > 100)
})

t.test(
  'what is too old goes by whole days and runs; what was made of it stays, through a rebuild',
  async t => {
    const store = folderStore(runsDir)
    const before = await harvestRuns(store)
    const all = defaults()
    const config = { ...all, harvest: { ...all.harvest, run_hours: 1 } }
    const db = await openTables(runsDir)
    const kept = (HARVEST_TABLES as readonly HarvestTable[]).filter(({ isRaw }) => isRaw !== true)
    const digests = (): string[] => kept.map(table => `${table.name} ${digestOf(db, table).digest}`)
    const was = digests()
    t.same(await retain({ runsDir, config, nowUs: BEGIN_US + DAY_US, db }), {
      partitions: [],
      runs: [],
    })
    const gone = await retain({ runsDir, config, nowUs: BEGIN_US + 14 * DAY_US + 8 * HOUR_US, db })
    t.same(
      gone.runs,
      before.slice(0, -1).map(({ runId }) => runId),
      'all but the one that nothing follows',
    )
    t.ok(
      gone.partitions.every(name => name.endsWith('20261120')) && gone.partitions.length === 3,
      'the day before midnight',
    )
    t.ok(existsSync(join(runsDir, BASE)))
    t.same(digests(), was)
    db.close()
    t.equal(polaris('migrate', '--check', '--runs-dir', runsDir, '--json').code, 0)
    t.equal(polaris('migrate', '--rebuild', '--runs-dir', runsDir, '--json').code, 0)
    const anew = await openTables(runsDir, { isReadonly: true })
    t.same(
      kept.map(table => `${table.name} ${digestOf(anew, table).digest}`),
      was,
      'a rebuild has what the runs that are gone left',
    )
    anew.close()
  },
)

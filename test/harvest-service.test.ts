import { spawn } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { COMMANDS } from '#cli/commands.js'
import { TwinSources } from '#twin/collected/sources.js'
import { polaris, ROOT } from './helpers/cli.js'
import { fakeNotify, service, settings, until, type Service } from './helpers/harvest-service.js'

const MAIN = join(ROOT, 'dist', 'cli', 'main.js')
const dir = t.testdir()
const runs = join(dir, 'runs')
const told = join(dir, 'told')
const config = join(dir, 'polaris.toml')

fakeNotify(dir)

t.test(
  'a service is killed, goes on, takes other settings, and ends in order',
  { timeout: 120_000 },
  async t => {
    const twin = new TwinSources({ seed: 4, handles: ['elonmusk'], markets: 8 })
    const base = await twin.start()
    t.teardown(() => twin.stop())
    writeFileSync(config, settings(500))
    const said = (of: Service, text: string): boolean =>
      of.lines.some(line => JSON.stringify(line).includes(text))
    const ran = (of: Service, job: string): number =>
      of.lines.filter(line => line['job'] === job).length

    const first = service(dir, base)
    await until('some runs', () => ran(first, 'quote_top_sync') > 3 && ran(first, 'post_sync') > 1)
    first.child.kill('SIGKILL')
    await first.ended
    await pause(1_500) // slots go by without anybody

    const second = service(dir, base)
    await until(
      'it goes on',
      () => said(second, 'goes on with') && ran(second, 'quote_top_sync') > 2,
    )
    t.ok(
      second.lines.some(line => Number(line['missed']) > 0),
      'what went by meanwhile is said to be missed',
    )
    writeFileSync(config, settings(200))
    second.child.kill('SIGHUP')
    await until('the change', () => said(second, 'harvest.quote_top_ms changed'))
    const before = ran(second, 'quote_top_sync')
    await until('it is quicker', () => ran(second, 'quote_top_sync') > before + 5)
    writeFileSync(config, settings(200).replace('post_ms = 1000', 'post_ms = "often"'))
    await until('the refusal', () => said(second, 'stays as it was'))
    t.ok(
      second.lines.some(line => /harvest.post_ms is \\?"often/.test(JSON.stringify(line))),
      'it says what does not fit',
    )
    const later = ran(second, 'quote_top_sync')
    await until('it goes on all the same', () => ran(second, 'quote_top_sync') > later + 2)
    const status = polaris('harvest', 'status', '--runs-dir', runs, '--json')
    t.match(status.json, { isCollecting: true, still: [], empty: [] })
    t.equal(status.code, 0)
    const third = polaris('harvest', 'run', '--venue', base, '--runs-dir', runs, '--json')
    t.equal(third.code, 2)
    t.match(third.json, { error: { code: 'held' } }, 'one service a folder')
    second.child.kill('SIGTERM')
    t.equal(await second.ended, 130)

    const words = readFileSync(told, 'utf8')
    for (const word of ['/run/nobody READY=1', 'WATCHDOG=1', 'RELOADING=1', 'STOPPING=1'])
      t.ok(words.includes(word), word)
    const all = JSON.stringify([...first.lines, ...second.lines])
    t.notOk(all.includes('verysecret'), 'no secret is printed')
    t.ok(all.includes('POLARIS_DATABASE_URL says nothing here'))

    const listed = polaris('runs', '--runs-dir', runs, '--json').json['runs'] as {
      runId: string
      status: string
    }[]
    t.equal(listed.length, 1, 'one run, gone on with')
    const run = join(runs, listed[0]!.runId)
    t.match(polaris('verify', run, '--json').json, { status: 'intact', sealed: true })
    t.match(polaris('replay', run, '--verify', '--json').json, { identical: true })
    const check = polaris('migrate', '--check', '--runs-dir', runs, '--json')
    t.same(
      (check.json['harvest'] as { tables: { same: boolean }[] }).tables.filter(({ same }) => !same),
      [],
    )
    t.equal(check.code, 0, 'the tables are what a replay gives, whatever was killed')
    const posts = polaris('export', '--table', 'fact_tweet_post', '--runs-dir', runs, '--json')
      .json['rows'] as unknown[]
    t.equal(posts.length, twin.xtracker.posts(twin.xtracker.accounts[0]!, Date.now()).length)
  },
)

t.test('exports, Parquet and backups of what was collected', async t => {
  const at = (name: string): string => join(dir, name)
  const csv = polaris(
    'export',
    '--table',
    'fact_quote_top_raw',
    '--format',
    'csv',
    '--limit',
    '5',
    '--output',
    at('top.csv'),
    '--runs-dir',
    runs,
    '--json',
  )
  t.match(csv.json, { table: 'fact_quote_top_raw', rows: 5 })
  t.equal(readFileSync(at('top.csv'), 'utf8').trim().split('\n').length, 6)
  const json = polaris(
    'export',
    '--table',
    'ops_collector_run',
    '--format',
    'json',
    '--since-hours',
    '1',
    '--output',
    at('ops.json'),
    '--runs-dir',
    runs,
  )
  t.equal(json.code, 0)
  t.ok((JSON.parse(readFileSync(at('ops.json'), 'utf8')) as unknown[]).length > 20)
  t.equal(
    polaris(
      'export',
      '--table',
      'dim_token',
      '--format',
      'parquet',
      '--output',
      at('t.parquet'),
      '--runs-dir',
      runs,
    ).code,
    0,
  )
  t.ok(existsSync(at('t.parquet')))
  t.match(
    polaris('export', '--table', 'dim_token', '--since-hours', '1', '--runs-dir', runs, '--json')
      .json,
    { error: { where: '--since-hours' } },
  )
  t.match(polaris('export', '--table', 'nothing', '--json').json, { error: { where: '--table' } })
  const anew = polaris(
    'migrate',
    '--rebuild',
    '--parquet',
    at('parquet'),
    '--runs-dir',
    runs,
    '--json',
  )
  t.equal(anew.code, 0)
  t.equal(
    polaris('migrate', '--check', '--runs-dir', runs, '--json').code,
    0,
    'a rebuild is a replay',
  )
  const again = polaris('migrate', '--parquet', at('parquet'), '--runs-dir', runs, '--json')
    .json as { harvest: { parquet: { kept: number } } }
  t.ok(again.harvest.parquet.kept >= 4, 'samples that are written are kept')
  t.match(polaris('backup', '--output', at('copy.db'), '--runs-dir', runs, '--json').json, {
    output: at('copy.db'),
  })
  t.match(polaris('backup', '--output', at('copy.db'), '--runs-dir', runs, '--json').json, {
    error: { code: 'exists' },
  })
  t.equal(
    polaris('migrate', '--check', '--db', at('copy.db'), '--runs-dir', runs).code,
    0,
    'the copy is whole',
  )
  t.equal(polaris('harvest', 'status', '--runs-dir', at('nowhere')).code, 2)
})

t.test('once, and what a source that fails comes to', async t => {
  const twin = new TwinSources({ seed: 4, handles: ['elonmusk'], markets: 4 })
  const base = await twin.start()
  t.teardown(() => twin.stop())
  const own = join(dir, 'once')
  const words = [
    '--venue',
    base,
    '--runs-dir',
    own,
    '--set',
    'harvest.scope=all',
    '--json',
  ] as const
  const run = (...more: string[]) =>
    new Promise<{ code: number | null; json: Record<string, unknown> }>(resolve => {
      const child = spawn(process.execPath, [MAIN, ...more], {
        env: { PATH: process.env['PATH'] },
        stdio: ['ignore', 'pipe', 'ignore'],
      })
      let out = ''
      child.stdout.on('data', (data: Buffer) => (out += data.toString()))
      child.once('exit', code =>
        resolve({ code, json: JSON.parse(out) as Record<string, unknown> }),
      )
    })
  const [once, filled, doctor, unknown] = await Promise.all([
    run('harvest-once', '--handle', '@elonmusk', ...words),
    run('backfill', '--days', '5', ...words, '--db', join(dir, 'filled.db')),
    run('doctor', '--handle', 'elonmusk', '--venue', base, '--json'),
    run(
      'harvest-once',
      '--handle',
      'nobody',
      ...words,
      '--db',
      join(dir, 'nobody.db'),
      '--out',
      join(own, 'nobody'),
    ),
  ])
  t.equal(once.code, 0)
  t.equal(filled.code, 0)
  const collectors = (of: typeof once) =>
    of.json['collectors'] as { job: string; status: string; rows: number; error: string }[]
  t.ok(
    collectors(filled).some(({ job, rows }) => job === 'settlement_sync' && rows > 0),
    'the past has results',
  )
  t.match(
    (doctor.json['checks'] as { name: string }[]).filter(({ name }) =>
      /xtracker|catalogue|books/.test(name),
    ),
    [{ status: 'ok' }, { status: 'ok' }, { status: 'ok' }],
  )
  t.equal(unknown.code, 1, 'a collector that failed is a no')
  t.match(
    collectors(unknown).find(({ job }) => job === 'tracking_sync'),
    { status: 'error', error: 'refused' },
  )
})

t.test('the unit names verbs that are there', async t => {
  const unit = readFileSync(join(ROOT, 'packaging', 'polaris-harvest.service'), 'utf8')
  for (const line of [
    'Type=notify',
    'NotifyAccess=all',
    'Restart=always',
    'WatchdogSec=180',
    'ExecReload=/bin/kill -HUP $MAINPID',
    'SuccessExitStatus=130',
  ])
    t.ok(unit.includes(`\n${line}\n`), line)
  const [, verb = ''] = /ExecStart=\S+ (\S+)/.exec(unit) ?? []
  t.ok(Object.hasOwn(COMMANDS, verb))
  t.notMatch(
    unit,
    /^EnvironmentFile/m,
    'a variable of the process would be stronger than a file that is read again',
  )
})

import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { isRead, KEY, served } from '#api/testing/served.js'
import { ROOT } from './helpers/cli.js'

interface Board {
  readonly panels: readonly { readonly targets: readonly { readonly expr: string }[] }[]
}

t.test('every figure of the board is one that a scraper gets', async t => {
  const { base, close } = await served()
  t.teardown(close)
  await isRead(base)
  await fetch(`${base}/api/moment`)
  await fetch(`${base}/api/execution/intent`, { method: 'POST', headers: { 'x-api-key': KEY } })
  const metrics = await (await fetch(`${base}/metrics`)).text()
  const board = JSON.parse(
    readFileSync(join(ROOT, 'packaging', 'grafana', 'polaris.json'), 'utf8'),
  ) as Board
  const named = board.panels.flatMap(({ targets }) =>
    targets.flatMap(({ expr }) => expr.match(/\b(?:mpx|polaris)_[a-z_]+/g) ?? []),
  )
  t.ok(named.length >= board.panels.length)
  for (const name of new Set(named)) {
    const family = name.replace(/_(bucket|sum|count)$/, '')
    t.match(metrics, new RegExp(`^# TYPE ${family} `, 'm'), name)
  }
})

t.test('keys are made once, and nobody else may read them', { skip: noMake() }, async t => {
  const dir = t.testdir()
  cpSync(join(ROOT, 'Makefile'), join(dir, 'Makefile'))
  const make = (...words: string[]) =>
    spawnSync('make', ['-C', dir, ...words], {
      encoding: 'utf8',
      env: { ...process.env, COMPOSE: 'echo' },
    })
  t.equal(make('keys').status, 0)
  const env = readFileSync(join(dir, '.env'), 'utf8')
  t.match(env, /^POLARIS_API_KEY=.{16,}\nPOLARIS_READ_KEYS=.{16,}\n$/)
  t.equal(statSync(join(dir, '.env')).mode & 0o077, 0)
  t.ok(existsSync(join(dir, 'packaging', 'keys', 'read')))
  for (const [target, words] of [
    ['up', 'up --build --detach'],
    ['migrate', 'run --rm window migrate'],
    ['seed', 'run --rm window demo'],
    ['logs', 'logs --follow'],
    ['down', 'down'],
  ] as const)
    t.match(make(target, 'COMPOSE=echo').stdout, words)
  t.equal(readFileSync(join(dir, '.env'), 'utf8'), env, 'what is there stays')
})

function noMake(): string | false {
  return spawnSync('make', ['--version']).status === 0 ? false : 'there is no make here'
}

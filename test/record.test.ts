import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ChildProcess } from 'node:child_process'
import t from 'tap'
import { polarisWarm as polaris, starting } from './helpers/cli.js'

const dir = t.testdir()
t.setTimeout(180_000)

const outputOf = (child: ChildProcess, wanted: RegExp): Promise<string> =>
  new Promise((resolve, reject) => {
    let text = ''
    child.stdout?.setEncoding('utf8').on('data', (more: string) => {
      text += more
      const found = wanted.exec(text)?.[0]
      if (found !== undefined) resolve(found)
    })
    child.once('exit', code => {
      reject(new Error(`ended with ${code}: ${text}`))
    })
  })

/** Waits until a file holds more than the beginning of a run, for 20 s at most. Whether it does. */
async function grown(path: string): Promise<boolean> {
  const has = (): boolean => (statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 30_000
  for (let k = 0; k < 200 && !has(); k++) await new Promise(resolve => setTimeout(resolve, 100))
  return has()
}

const endOf = (child: ChildProcess): Promise<number | null> =>
  new Promise(resolve => child.once('exit', resolve))

/** The twin of the venue, in a process of its own; its address. */
async function venue(...words: string[]): Promise<string> {
  const child = starting('venue', ...words)
  t.teardown(() => child.kill('SIGKILL'))
  return await outputOf(child, /http:\/\/127\.0\.0\.1:\d+/)
}

const verdict = (run: string) => polaris('replay', run, '--verify', '--json').json['identical']

void t.test('a record of the venue is verified, replayed, and its raw frames imported', async t => {
  const base = await venue('mixed', '--speed', '10')
  const out = join(dir, 'recorded')
  const said = polaris(
    ...['record', '--venue', base, '--duration', '2s', '--raw', '--out', out, '--json'],
  )
  t.equal(said.code, 0, said.err)
  const { report, frames } = said.json['feed'] as {
    report: { hashOk: number; hashChecked: number; tokens: number }
    frames: number
  }
  t.ok(frames > 20 && report.tokens > 2 && report.hashOk > 20, said.out)
  t.equal(report.hashOk, report.hashChecked)
  t.match(polaris('verify', out, '--json').json, { status: 'intact', sealed: true })
  t.equal(verdict(out), true)
  const raw = join(out, 'raw', 'frames.jsonl')
  const lines = readFileSync(raw, 'utf8').trimEnd().split('\n')
  const times = readFileSync(join(out, 'raw', 'times.txt'), 'utf8')
    .trimEnd()
    .split('\n')
  t.equal(lines.length, times.length)
  t.ok(times.every(line => /^\d{16} 1$/.test(line)))
  const imported = polaris(
    ...['import', 'polymarket-frames', raw, '--out', join(dir, 'imported'), '--json'],
  )
  t.equal(imported.code, 0, imported.err)
  t.equal(imported.json['tokens'], report.tokens)
  t.equal(verdict(join(dir, 'imported')), true)
})

void t.test('paper trading at the venue replays, and goes on after a kill', async t => {
  const base = await venue('quoting', '--speed', '10')
  const config = join(dir, 'quoting.toml')
  writeFileSync(config, '[strategy]\nnames = ["quoting"]\n')
  const at = ['--venue', base, '--config', config]
  const out = join(dir, 'paper')
  const said = polaris(
    ...['run', '--source', 'polymarket', ...at, '--duration', '3s', '--out', out, '--json'],
  )
  t.equal(said.code, 0, said.err)
  t.ok(Number(said.json['inputs']) > 20, said.out)
  t.match(
    readFileSync(join(out, 'events-000001.jsonl'), 'utf8'),
    /"e":"OrderPlaced\.\d/,
    'it quotes',
  )
  t.equal(verdict(out), true)

  const killed = join(dir, 'killed')
  const child = starting(
    'run',
    '--source',
    'polymarket',
    ...at,
    '--out',
    killed,
    '--acks',
    '--json',
  )
  t.ok(await grown(join(killed, 'events-000001.jsonl')))
  const over = endOf(child)
  child.kill('SIGKILL')
  await over
  const resumed = polaris(
    ...['run', '--resume', killed, '--venue', base, '--duration', '2s', '--json'],
  )
  t.equal(resumed.code, 0, resumed.err)
  t.match(polaris('verify', killed, '--json').json, { status: 'intact', sealed: true })
  t.equal(verdict(killed), true)
})

void t.test('what cannot be heard is refused before anything is made', t => {
  const refused = {
    '--venue': ['nonsense', 'ftp://127.0.0.1'],
    '--tokens': ['12,x', '12,,13', ''],
    '--duration': ['5', '5x', '0s', '-1m', '1.5h'],
  }
  for (const [option, texts] of Object.entries(refused))
    for (const text of texts) {
      const said = polaris('record', `${option}=${text}`, '--out', join(dir, 'never'), '--json')
      t.equal(said.code, 2, `${option}=${text}`)
      t.match(said.json, { error: { where: option } })
    }
  t.equal(polaris('verify', join(dir, 'never')).code, 2)
  t.end()
})

void t.test('a venue that is not there is one clear error, soon', async t => {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  await new Promise(resolve => server.close(resolve))
  for (const words of [['record'], ['run', '--source', 'polymarket']]) {
    const fromMs = performance.now()
    const out = join(dir, `gone-${words[0]}`)
    const said = polaris(...words, '--venue', base, '--duration', '60s', '--out', out)
    t.equal(said.code, 2, said.out)
    t.ok(performance.now() - fromMs < 15_000)
    t.match(said.err, /the list of markets is not to be had: .*; asked 4 times in \d+\.\d s/)
    t.ok(said.err.includes(`${base}/gamma/events/keyset`), said.err)
    t.match(polaris('verify', out, '--json').json, { status: 'intact', sealed: true })
  }
})

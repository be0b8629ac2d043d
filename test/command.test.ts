import { spawn } from 'node:child_process'
import { existsSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { polaris, ROOT } from './helpers/cli.js'

const MAIN = join(ROOT, 'dist', 'cli', 'main.js')

const until = async (holds: () => boolean): Promise<void> => {
  for (let k = 0; k < 400 && !holds(); k++)
    await new Promise(resolve => {
      setTimeout(resolve, 50)
    })
}

t.test(
  'a running process takes commands from another one, and says so when they are durable',
  async t => {
    t.setTimeout(120_000)
    const dir = t.testdir()
    const run = join(dir, 'run')
    const file = join(dir, 'polaris.toml')
    writeFileSync(file, '[parity]\nmin_edge_bps = 120\n')
    const words = ['run', '--source', 'sim:parity', '--speed', '2', '--out', run, '--config', file]
    const child = spawn(process.execPath, [MAIN, ...words], { stdio: ['ignore', 'ignore', 'pipe'] })
    let remarks = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      remarks += text
    })
    const over = new Promise(resolve => child.on('exit', resolve))
    const socket = join(run, 'control.sock')
    await until(() => existsSync(socket))
    t.equal(statSync(socket).mode & 0o777, 0o600, 'its owner alone may speak to it')
    const say = (...of: string[]) => polaris('command', run, ...of, '--json')
    const seqs = [
      say('note', 'the desk looks on'),
      say('pause'),
      say('resume'),
      say('hard-stop'),
      say('clear-hard-stop'),
    ].map(({ json }) => (json as { seq: number }).seq)
    t.same(
      [...seqs].sort((a, b) => a - b),
      seqs,
      'in order',
    )
    t.match(say('reload'), { code: 1, json: { seq: null } }, 'nothing has changed')
    t.match(say('stop'), { code: 2, json: { error: { code: 'usage' } } })
    writeFileSync(file, '[parity]\nmin_edge_bps = 80\n')
    await until(() => remarks.includes('the configuration changed at event'))
    t.match(remarks, /the configuration changed at event \d+/, 'a changed file is enough')
    t.match(say('reload'), { code: 1 }, 'and what it brought is no change any more')
    writeFileSync(file, '[parity]\nmin_edge_bps = "many"\n')
    t.match(say('reload'), { code: 2, json: { error: { message: /min_edge_bps/ } } })
    await until(() => remarks.includes('stays as it was'))
    t.match(remarks, /stays as it was: parity.min_edge_bps/, 'the changed file is told of too')
    child.kill('SIGINT')
    await over
    t.notOk(existsSync(socket))
    t.match(say('pause'), { code: 2, json: { error: { code: 'not-running' } } })
    t.match(polaris('verify', run, '--json').json, { status: 'intact', sealed: true })
    t.match(polaris('replay', run, '--json').json, { identical: true })
    for (const seq of seqs)
      t.match(polaris('explain', run, `seq:${seq}`, '--json').json, {
        chain: [{ type: 'CommandGiven' }],
      })
  },
)

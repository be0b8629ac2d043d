import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { ending, ROOT, type Said } from './helpers/cli.js'
import { liveTwin } from './helpers/live-twin.js'

t.setTimeout(400_000) // some twenty commands, a few seconds each
const PAGE = readFileSync(join(ROOT, 'docs', 'going-live.md'), 'utf8')
const MAIN = join(ROOT, 'dist', 'cli', 'main.js')

/** The page from top to bottom: commands, and the configuration that it says to write. */
const steps: { readonly line?: string; readonly toml?: string }[] = []
for (const [, language, text = ''] of PAGE.matchAll(/^```(sh|toml)\n([^]*?)^```$/gm))
  if (language === 'toml') steps.push({ toml: text })
  else for (const line of text.trim().split('\n')) steps.push({ line })

t.test('every command of docs/going-live.md does what the page says, in its order', async t => {
  t.setTimeout(390_000)
  const { base, dir: cwd, env: keys } = await liveTwin(t, { scenario: 'mixed', seed: 7, speed: 1 })
  const env: NodeJS.ProcessEnv = { PATH: process.env['PATH'], POLARIS_STATE_DIR: cwd }
  const secret = { ...keys, POLARIS_KEYSTORE_PASSPHRASE: 'a long passphrase', RAZOR_MODE: '' }
  const polaris = async (words: readonly string[], more: NodeJS.ProcessEnv): Promise<Said> =>
    ending(
      spawn(process.execPath, [MAIN, ...words], {
        ...{ cwd, env: { ...env, ...more }, stdio: ['ignore', 'pipe', 'pipe'] },
      }),
    )
  const said = new Map<string, string>()
  let count = 0
  for (const step of steps) {
    const { line = '', toml } = step
    if (toml !== undefined) {
      writeFileSync(join(cwd, 'live.toml'), toml)
      continue
    }
    const [, name = '', value = ''] = /^export (\w+)=(\w+)$/.exec(line) ?? []
    if (name !== '') {
      env[name] = value
      continue
    }
    const [program, ...words] = (line.match(/"[^"]*"|\S+/g) ?? []).map(word =>
      word.replaceAll('"', '').replace(/^URL$/, base),
    )
    t.equal(program, 'polaris', line)
    const isImport = line.startsWith('polaris keystore import')
    const { code, out, err } = await polaris(words, isImport ? secret : {})
    // A price may be gone before the order comes: then it says so, and nothing was bought.
    const isGone = /market-trade.*--confirm-live/.test(line) && /entry .*: none,/.test(out)
    // What could not be sold again, as the price went or too little was bought, is no shares of the run after it: it says so.
    const isLeft = /^(entry .*: partial|close .*: (none|partial)),/m.test(
      [...said.values()].join('\n'),
    )
    const isOther = isLeft && line.includes('reconcile runs/first') && /^DIFFERENT /m.test(out)
    t.equal(code, isGone || isOther ? 1 : 0, `${line}\n${out}\n${err}`)
    said.set(line, out + err)
    count++
    if (!isImport) continue
    env['POLARIS_KEYSTORE'] = join(cwd, 'trader.json')
    env['POLARIS_KEYSTORE_PASSPHRASE'] = secret.POLARIS_KEYSTORE_PASSPHRASE
  }
  t.ok(count >= 17, `${count} commands`)
  const after = (start: string): string =>
    [...said].find(([line]) => line.startsWith(`polaris ${start}`))?.[1] ?? ''
  t.match(after('record'), /hashes +\d+ of \d+ are the venue's/)
  t.match(after('summary'), /^shadow on polymarket/m)
  t.match(after('replay'), /^identical/m)
  t.match(after('doctor --live'), /^allowance-v3: ok/m)
  t.match(after('livetest'), /^all of it works$/m)
  t.match(after('market-trade'), /nothing is sent without --confirm-live/)
  t.match(after('reconcile'), /^equal, as of event/m)
  t.match(after('cancel-all'), /^the venue has none open$/m)
})

t.test('what the page names is there', async t => {
  for (const [, file = ''] of PAGE.matchAll(/\]\(([\w.]+\.md)\)/g))
    t.ok(readFileSync(join(ROOT, 'docs', file), 'utf8').length > 0, file)
  const { out } = await ending(spawn(process.execPath, [MAIN, 'help'], { stdio: 'pipe' }))
  for (const [, verb = ''] of PAGE.matchAll(/`polaris ([a-z-]+)/g))
    t.ok(new RegExp(`^ +${verb} `, 'm').test(out), verb)
})

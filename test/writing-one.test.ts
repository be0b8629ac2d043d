import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { ROOT } from './helpers/cli.js'

const PAGE = readFileSync(join(ROOT, 'docs', 'strategies', 'writing-one.md'), 'utf8')
const MAIN = join(ROOT, 'dist', 'cli', 'main.js')
const dir = t.testdir()

/** What the page shows, in its order: files to write, and commands with what they say. */
const steps = [...PAGE.matchAll(/`([\w.-]+)`\n\n```\w+\n([^]*?)```|```\n(\$ polaris [^]*?)\n```/g)]

/** What another version of the program may say otherwise. */
const masked = (text: string): string =>
  text
    .replaceAll(/^(head |state) .*$/gm, '$1 …')
    .replaceAll(/\d+ commits/g, '… commits')
    .replaceAll(/at [\d,]+ events\/s/g, 'at … events/s')

function said(command: string): string {
  const words = [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, word]) => quoted ?? word)
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(POLARIS|RAZOR)_/.test(name)),
  )
  const args = [MAIN, ...words.map(word => word ?? '')]
  return masked(spawnSync(process.execPath, args, { cwd: dir, encoding: 'utf8', env }).stdout)
}

void t.test(
  'every command of the page says what stands there, from an empty folder on',
  async t => {
    t.ok(steps.length >= 8, `${steps.length} blocks`)
    for (const [, file, text, block = ''] of steps) {
      if (file !== undefined) writeFileSync(join(dir, file), text ?? '')
      for (const part of block.split(/^\$ polaris /m).slice(1)) {
        const [command = '', ...answer] = part.split('\n')
        t.equal(said(command).trimEnd(), answer.join('\n').trimEnd(), command)
      }
    }
  },
)

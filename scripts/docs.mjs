// Writes the parts of docs/ that the code knows better, and adds a golden example for each new event version.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { ensureReady } from './setup.mjs'

await ensureReady({ tests: true })
const ROOT = resolve(import.meta.dirname, '..')
const { eventsMarkdown } = await import('../dist/schemas/docs.js')
const { allTypes } = await import('../dist/schemas/registry.js')
const { eventOf } = await import('../dist/schemas/testing/arbitraries.js')
const { LineWriter } = await import('../dist/schemas/line/writer.js')
const { oldSettingsMarkdown } = await import('../dist/cli/old-settings/read.js')
const { harvestMarkdown } = await import('../dist/projections/harvest/docs.js')
const { sqlMarkdown } = await import('../dist/cli/sql-docs.js')
const fc = (await import('fast-check')).default

rewrite('EVENTS.md', 'types', eventsMarkdown())
rewrite('SQL.md', 'tables', await sqlMarkdown())
rewrite('harvest-tables.md', 'tables', harvestMarkdown())
rewrite('settings.md', 'settings', oldSettingsMarkdown())
answerAnalytics()

mkdirSync(join(ROOT, 'schemas', 'golden'), { recursive: true })
for (const type of allTypes()) {
  const golden = join(ROOT, 'schemas', 'golden', `${type.name}.json`)
  if (existsSync(golden)) continue
  const [event] = fc.sample(eventOf(type), { numRuns: 1, seed: 11 })
  const writer = new LineWriter()
  writer.event(7, 1_780_796_251_000_000, 3, event)
  writeFileSync(golden, writer.bytes)
}

function rewrite(name, what, markdown) {
  const file = join(ROOT, 'docs', name)
  const text = readFileSync(file, 'utf8')
  const [before, after] = [text.split(`<!-- ${what}:`)[0], text.split(`<!-- end of ${what} -->`)[1]]
  writeFileSync(
    file,
    `${before}<!-- ${what}: written by npm run docs -->\n\n${markdown}\n<!-- end of ${what} -->${after}`,
  )
}

/** Writes beneath each query of docs/analytics.md what the demo answers today. */
function answerAnalytics() {
  const file = join(ROOT, 'docs', 'analytics.md')
  const dir = mkdtempSync(join(tmpdir(), 'polaris-docs-'))
  const [demo, stricter] = [join(dir, 'demo'), join(dir, 'demo-300')]
  const polaris = (...words) => {
    const main = join(ROOT, 'dist', 'cli', 'main.js')
    const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...words], {
      encoding: 'utf8',
    })
    if (status !== 0) throw new Error(stderr)
    return stdout
  }
  polaris('run', '--source', 'sim:mixed', '--seed', '9', '--out', demo)
  polaris('run', '--source', demo, '--set', 'parity.min_edge_bps=300', '--out', stricter)
  const answered = readFileSync(file, 'utf8').replace(
    /(## \d+\. (.*)\n[^]*?```sql\n([^]*?)\n```\n\n```\n)[^]*?```/g,
    (_, before, title, query) => {
      const runs = title.includes('Two runs') ? [demo, stricter] : [demo]
      return `${before}${polaris('sql', ...runs, query)}\`\`\``
    },
  )
  writeFileSync(file, answered)
  rmSync(dir, { recursive: true })
}

// Writes the parts of docs/ that the code knows better, and adds a golden example for each new event version.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { ensureReady } from './setup.mjs'

await ensureReady()
const ROOT = resolve(import.meta.dirname, '..')
const { eventsMarkdown } = await import('../dist/schemas/docs.js')
const { allTypes } = await import('../dist/schemas/registry.js')
const { eventOf } = await import('../dist/schemas/testing/arbitraries.js')
const { LineWriter } = await import('../dist/schemas/line/writer.js')
const { sqlMarkdown } = await import('../dist/cli/sql-docs.js')
const fc = (await import('fast-check')).default

rewrite('EVENTS.md', 'types', eventsMarkdown())
rewrite('SQL.md', 'tables', await sqlMarkdown())

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

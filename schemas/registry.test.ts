import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import t from 'tap'
import { eventsMarkdown } from './docs.js'
import { BAD, LineReader } from './line/reader.js'
import { LineWriter } from './line/writer.js'
import { allTypes, typeNamed } from './registry.js'

const ROOT = join(import.meta.dirname, '..', '..')
const GOLDEN = join(ROOT, 'schemas', 'golden')

t.test('docs/EVENTS.md describes every field of every type', async t => {
  const text = readFileSync(join(ROOT, 'docs', 'EVENTS.md'), 'utf8')
  t.ok(text.includes(eventsMarkdown()), 'it is what the registry says; npm run docs writes it')
})

t.test('every field has a unit and a meaning', async t => {
  for (const { name, doc, required, optional } of allTypes()) {
    t.ok(doc.length > 10, name)
    for (const [key, field] of Object.entries({ ...required, ...optional }))
      t.ok(field.unit !== '' && field.doc !== '', `${name}.${key}`)
  }
})

t.test('one stored example of every version decodes for ever, to the same bytes', async t => {
  const files = readdirSync(GOLDEN)
  for (const type of allTypes()) t.ok(files.includes(`${type.name}.json`), `${type.name} has one`)
  for (const file of files) {
    const bytes = new Uint8Array(readFileSync(join(GOLDEN, file)))
    const reader = new LineReader().over(bytes)
    const kind = reader.read(0, bytes.length - 1)
    if (kind === BAD) {
      t.fail(`${file}: ${reader.fault?.message}`)
      continue
    }
    const row = reader.recorded(kind)
    if (E.isLeft(row)) {
      t.fail(`${file}: ${row.left.message}`)
      continue
    }
    const { seq, tUs, cause, event } = row.right
    const writer = new LineWriter()
    writer.event(seq, tUs, cause, event)
    t.same(writer.bytes, bytes, file)
  }
})

t.test('names are unique and carry their version', async t => {
  for (const type of allTypes()) t.equal(typeNamed(`${type.type}.${type.version}`), type)
  t.equal(typeNamed('BookChanged.99'), undefined)
})

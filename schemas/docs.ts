import type { EventType, Fields } from './event.js'
import { allTypes } from './registry.js'

const SAYS: Readonly<Record<EventType['kind'], string>> = {
  run: 'input of the run itself',
  feed: 'input of the feed',
  answer: 'input of a gateway',
  clock: 'input of the clock',
  decision: 'decision',
}

/** `docs/EVENTS.md`, between its markers: every event type with every field, unit and meaning. */
export function eventsMarkdown(): string {
  return allTypes().map(describe).join('\n')
}

/** Stored key of each field with its full name where the key is short. */
export function fullNames({ required, optional }: EventType): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries({ ...required, ...optional }).map(([key, { fullName }]) => [
      key,
      fullName ?? key,
    ]),
  )
}

function describe(type: EventType): string {
  const rows = [...rowsOf(type.required, ''), ...rowsOf(type.optional, ' (may be absent)')]
  return [
    `### \`${type.name}\` · ${SAYS[type.kind]}`,
    '',
    type.doc,
    '',
    '| field | unit | meaning |',
    '| --- | --- | --- |',
    ...rows,
    '',
  ].join('\n')
}

function rowsOf(fields: Fields, note: string): string[] {
  return Object.entries(fields).map(([key, { unit, doc, fullName }]) => {
    const name = fullName === undefined ? `\`${key}\`` : `\`${key}\` (${fullName})`
    return `| ${name} | ${unit.replaceAll('|', '\\|')} | ${doc.replaceAll('|', '\\|')}${note} |`
  })
}

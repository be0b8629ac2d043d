import * as E from 'fp-ts/lib/Either.js'
import { failuresOf } from '../failures.js'
import type { EventType } from '../event.js'
import type { Recorded } from '../recorded.js'
import { typeNamed, type Event } from '../registry.js'

/** What is wrong with a line, and at which byte of it. */
export interface LineFault {
  readonly kind: 'sum' | 'form' | 'unknown-event' | 'field'
  /** Offset within the line. */
  readonly at: number
  readonly message: string
}

const text = new TextDecoder('utf-8', { fatal: true })

const ENVELOPE = ['n', 't', 'c', 'e']
const FIELDS = new Map<EventType, readonly string[]>()

/** Decodes a whole line the slow way, by its codec; keys must stand in their canonical order. */
export function readCold(
  { seq, tUs, cause }: Omit<Recorded, 'event'>,
  line: Uint8Array,
): E.Either<LineFault, Recorded> {
  const fault = (kind: LineFault['kind'], message: string): E.Either<LineFault, never> =>
    E.left({ kind, at: 0, message })
  let row: Record<string, unknown>
  try {
    row = JSON.parse(text.decode(line)) as typeof row
  } catch (error) {
    return fault('form', `not JSON: ${String(error)}`)
  }
  const type = typeNamed(String(row['e']))
  if (!type) return fault('unknown-event', `unknown event ${JSON.stringify(row['e'])}`)
  const known = fieldsOf(type)
  const found = Object.keys(row)
  // Every key of the line in its place: the envelope, the fields in the order of the registry, the sum.
  const fields: Record<string, unknown> = {}
  let place = 0
  while (place < ENVELOPE.length && found[place] === ENVELOPE[place]) place++
  for (const key of known)
    if (found[place] === key) {
      fields[key] = row[key]
      place++
    }
  if (found[place] !== 'x' || found.length !== place + 1 || found[3] !== 'e')
    return fault(
      'form',
      `${type.name}: its fields are ${known.join(', ')}, not ${found.join(', ')}`,
    )
  const data = type.codec.decode(fields)
  if (E.isLeft(data)) return fault('field', `${type.name}: ${failuresOf(data.left)}`)
  // The codec is the type's own, so the pair is one of the union.
  return E.right({ seq, tUs, cause, event: { type: type.type, data: data.right } as Event })
}

/** Keys of an event's fields in stored order. */
function fieldsOf(type: EventType): readonly string[] {
  const known = FIELDS.get(type)
  if (known) return known
  const keys = [...Object.keys(type.required), ...Object.keys(type.optional)]
  FIELDS.set(type, keys)
  return keys
}

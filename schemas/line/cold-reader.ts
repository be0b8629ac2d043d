import * as E from 'fp-ts/lib/Either.js'
import { failuresOf } from '../failures.js'
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
  const { n: _n, t: _t, c: _c, e, x: _x, ...fields } = row
  const type = typeNamed(String(e))
  if (!type) return fault('unknown-event', `unknown event ${JSON.stringify(e)}`)
  const known = [...Object.keys(type.required), ...Object.keys(type.optional)]
  const wanted = known.filter(key => key in fields)
  const found = Object.keys(row)
  if (found.join() !== ['n', 't', 'c', 'e', ...wanted, 'x'].join())
    return fault(
      'form',
      `${type.name}: its fields are ${known.join(', ')}, not ${found.join(', ')}`,
    )
  const data = type.codec.decode(fields)
  if (E.isLeft(data)) return fault('field', `${type.name}: ${failuresOf(data.left)}`)
  // The codec is the type's own, so the pair is one of the union.
  return E.right({ seq, tUs, cause, event: { type: type.type, data: data.right } as Event })
}

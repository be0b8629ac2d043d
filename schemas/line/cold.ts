import type * as t from 'io-ts'
import type { EventType, Fields } from '../event.js'
import { codes } from './digits.js'

/** Where the bytes of a line go. */
export interface Sink {
  /** ASCII that stands as it is. */
  readonly raw: (bytes: Uint8Array) => void
  /** A number, as JSON has it. */
  readonly number: (n: number) => void
  /** Any JSON. */
  readonly json: (text: string) => void
  /** A string with its quotes. */
  readonly string: (text: string) => void
}

/** Writes one value of a codec as canonical JSON: keys in the codec's order, no white space. */
type Write = (to: Sink, value: unknown) => void

type Data = Readonly<Record<string, unknown>>

/** Writes the canonical fields of an event, each with its leading comma: `,"key":value…`. */
export function coldWriter(type: EventType): (to: Sink, data: Data) => void {
  const members = membersOf([...propsOfFields(type.required), ...propsOfFields(type.optional)])
  return (to, data) => {
    for (const { key, comma, write } of members) {
      const value = data[key]
      if (value === undefined) continue
      to.raw(comma)
      write(to, value)
    }
  }
}

/** The canonical JSON of any value of `codec`. */
export function toJson(codec: t.Mixed): (value: unknown) => string {
  const write = writerOf(codec)
  return value => {
    const parts: string[] = []
    const json = (text: string): void => {
      parts.push(text)
    }
    const to: Sink = {
      json,
      raw: bytes => {
        json(String.fromCharCode(...bytes))
      },
      number: n => {
        json(`${n}`)
      },
      string: text => {
        json(JSON.stringify(text))
      },
    }
    write(to, value)
    return parts.join('')
  }
}

interface Member {
  readonly key: string
  /** `"key":`, and with a comma before it. */
  readonly first: Uint8Array
  readonly comma: Uint8Array
  readonly write: Write
}

const [OPEN, CLOSE, LIST, END, COMMA] = ['{', '}', '[', ']', ','].map(codes) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
  Uint8Array,
  Uint8Array,
]

function writerOf(codec: t.Mixed): Write {
  const tagged = codec as t.Mixed & { readonly _tag?: string }
  switch (tagged._tag) {
    case 'ReadonlyType':
      return writerOf((codec as unknown as t.ReadonlyType<t.Mixed>).type)
    case 'ExactType':
      return writerOf((codec as unknown as t.ExactType<t.HasProps>).type)
    case 'ArrayType':
    case 'ReadonlyArrayType': {
      const each = writerOf((codec as unknown as t.ArrayType<t.Mixed>).type)
      return (to, value) => {
        writeList(to, value as readonly unknown[], each)
      }
    }
    case 'InterfaceType':
    case 'IntersectionType':
      return objectWriter(Object.entries(propsOf(codec)))
    default:
      return (to, value) => {
        // Numbers and strings are written as they are by every codec of ours.
        if (typeof value === 'number') to.number(value)
        else if (typeof value === 'string') to.string(value)
        else to.json(JSON.stringify(codec.encode(value)))
      }
  }
}

function writeList(to: Sink, values: readonly unknown[], each: Write): void {
  to.raw(LIST)
  for (let i = 0; i < values.length; i++) {
    if (i > 0) to.raw(COMMA)
    each(to, values[i])
  }
  to.raw(END)
}

function objectWriter(props: readonly (readonly [string, t.Mixed])[]): Write {
  const members = membersOf(props)
  return (to, value) => {
    const from = value as Data
    let isFirst = true
    to.raw(OPEN)
    for (const { key, first, comma, write } of members) {
      const member = from[key]
      if (member === undefined) continue
      to.raw(isFirst ? first : comma)
      write(to, member)
      isFirst = false
    }
    to.raw(CLOSE)
  }
}

function membersOf(props: readonly (readonly [string, t.Mixed])[]): Member[] {
  return props.map(([key, codec]) => {
    const first = `${JSON.stringify(key)}:`
    return { key, first: codes(first), comma: codes(`,${first}`), write: writerOf(codec) }
  })
}

/** Keys of an object codec in their order; those that may be missing come last. */
function propsOf(codec: t.Mixed): t.Props {
  const { types } = codec as unknown as { readonly types?: readonly t.Mixed[] }
  if (types) return Object.fromEntries(types.flatMap(type => Object.entries(propsOf(type))))
  return (codec as unknown as { readonly props: t.Props }).props
}

const propsOfFields = (fields: Fields): (readonly [string, t.Mixed])[] =>
  Object.entries(fields).map(([key, { codec }]) => [key, codec])

import type * as t from 'io-ts'
import type { EventType, Fields } from '../event.js'

/** Writes one value of a codec as canonical JSON: keys in the codec's order, no white space. */
export type ToJson = (value: unknown) => string

/** The canonical fields of an event, each with its leading comma: `,"key":value…`. */
export function coldWriter(type: EventType): (data: Readonly<Record<string, unknown>>) => string {
  const writers = [...writersOf(type.required), ...writersOf(type.optional)]
  return data => {
    let json = ''
    for (const [key, prefix, write] of writers) {
      const value = data[key]
      if (value !== undefined) json += prefix + write(value)
    }
    return json
  }
}

/** The canonical JSON of any value of `codec`. */
export function toJson(codec: t.Mixed): ToJson {
  const tagged = codec as t.Mixed & { readonly _tag?: string }
  switch (tagged._tag) {
    case 'ReadonlyType':
      return toJson((codec as unknown as t.ReadonlyType<t.Mixed>).type)
    case 'ExactType':
      return toJson((codec as unknown as t.ExactType<t.HasProps>).type)
    case 'ArrayType':
    case 'ReadonlyArrayType': {
      const each = toJson((codec as unknown as t.ArrayType<t.Mixed>).type)
      return value => `[${(value as readonly unknown[]).map(each).join(',')}]`
    }
    case 'InterfaceType':
    case 'IntersectionType':
      return objectToJson(propsOf(codec))
    default:
      // Numbers are written as they are by every codec of ours.
      return value => (typeof value === 'number' ? `${value}` : JSON.stringify(codec.encode(value)))
  }
}

function objectToJson(props: t.Props): ToJson {
  const members = Object.entries(props).map(([key, codec]) => {
    return [key, `${JSON.stringify(key)}:`, toJson(codec)] as const
  })
  return value => {
    const from = value as Readonly<Record<string, unknown>>
    const present = members.filter(([key]) => from[key] !== undefined)
    return `{${present.map(([key, prefix, write]) => prefix + write(from[key])).join(',')}}`
  }
}

/** Keys of an object codec in their order; those that may be missing come last. */
function propsOf(codec: t.Mixed): t.Props {
  const { types } = codec as unknown as { readonly types?: readonly t.Mixed[] }
  if (types) return Object.fromEntries(types.flatMap(type => Object.entries(propsOf(type))))
  return (codec as unknown as { readonly props: t.Props }).props
}

function writersOf(fields: Fields): (readonly [string, string, ToJson])[] {
  return Object.entries(fields).map(([key, { codec }]) => {
    return [key, `,${JSON.stringify(key)}:`, toJson(codec)] as const
  })
}

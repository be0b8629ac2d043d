import assert from 'node:assert'

/** What JSON can say; `null` stands for `undefined` and for a hole in an array. */
type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/**
 * The text of a state: plain objects, arrays, maps, sets and primitive values, whatever is in them, so that a field
 * that is added is saved without a word. Equal states of one code give equal text. One object that stands in two places
 * is one object again after `unpacked`. Anything that the text could not give back breaks an assertion.
 */
export function packed(state: unknown): string {
  const places = new Map<object, number>()
  return JSON.stringify(jsonOf(state, places))
}

/** The state of a text that `packed` made: new objects, shared with nobody. */
export function unpacked(text: string): unknown {
  return valueOf(JSON.parse(text) as Json, [])
}

function jsonOf(value: unknown, places: Map<object, number>): Json {
  switch (typeof value) {
    case 'undefined':
      return null
    case 'string':
    case 'boolean':
      return value
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0)
        ? value
        : { $: Object.is(value, -0) ? '-0' : String(value) }
    case 'object':
      assert(value !== null, 'Invariant: a state holds no null')
      return objectOf(value, places)
    default:
      assert.fail(`Invariant: a state holds no ${typeof value}`)
  }
}

function objectOf(value: object, places: Map<object, number>): Json {
  const before = places.get(value)
  if (before !== undefined) return { $at: before }
  places.set(value, places.size)
  if (Array.isArray(value)) return listOf(value, places)
  if (value instanceof Map)
    return { $map: [...value].map(([k, v]) => [jsonOf(k, places), jsonOf(v, places)]) }
  if (value instanceof Set) return { $set: [...value].map(item => jsonOf(item, places)) }
  const kind: unknown = Object.getPrototypeOf(value)
  assert(kind === Object.prototype, 'Invariant: a state holds no instance of a class')
  const row: Record<string, Json> = {}
  for (const [key, item] of Object.entries(value)) {
    assert(!key.startsWith('$'), `Invariant: a state has no key ${key}`)
    row[key] = jsonOf(item, places)
  }
  return row
}

function listOf(items: readonly unknown[], places: Map<object, number>): Json {
  const list: Json[] = []
  // By index, so that a hole is met.
  for (let i = 0; i < items.length; i++) list.push(jsonOf(items[i], places))
  return list
}

function valueOf(json: Json, places: object[]): unknown {
  if (json === null) return undefined
  if (typeof json !== 'object') return json
  if (isList(json)) {
    const list = new Array<unknown>(json.length)
    places.push(list)
    for (let i = 0; i < json.length; i++) if (json[i] !== null) list[i] = valueOf(json[i]!, places)
    return list
  }
  const { $, $at, $map, $set } = json
  if (typeof $ === 'string') return Number($)
  if (typeof $at === 'number') return places[$at]
  if ($map !== undefined) return filled(new Map<unknown, unknown>(), $map, places)
  if ($set !== undefined) return filled(new Set<unknown>(), $set, places)
  const row: Record<string, unknown> = {}
  places.push(row)
  for (const [key, item] of Object.entries(json)) row[key] = valueOf(item, places)
  return row
}

function filled(
  into: Map<unknown, unknown> | Set<unknown>,
  items: Json,
  places: object[],
): Map<unknown, unknown> | Set<unknown> {
  places.push(into)
  for (const item of items as readonly Json[])
    if (into instanceof Set) into.add(valueOf(item, places))
    else {
      const [key, value] = item as readonly [Json, Json]
      into.set(valueOf(key, places), valueOf(value, places))
    }
  return into
}

const isList = (json: Json): json is readonly Json[] => Array.isArray(json)

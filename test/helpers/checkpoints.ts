import { packed, unpacked } from '#engine/core/saved.js'
import type { EventOf } from '#schemas/registry.js'
import { Replay } from '#engine/run/replay.js'
import { stateText } from '#engine/run/state-text.js'
import type { SavedEngine } from '#engine/run/engine-loop.js'

/** A run as it was written: its first event, its lines, and where the lines of each turn end. */
export interface Written {
  readonly started: EventOf<'RunStarted'>
  readonly bytes: Uint8Array
  readonly ends: readonly number[]
}

/** Something that happens to a checkpoint on its way; nothing, unless a test wants to see the law fail. */
export type Tamper = (saved: SavedEngine) => void

/**
 * Replays a run up to the end of one of its turns, saves the engine, loads it into a fresh one and replays the rest.
 * Says how the two differ, or nothing.
 */
export function broken({ started, bytes, ends }: Written, turn: number, tamper?: Tamper): string {
  const cut = ends[turn]!
  const replay = new Replay()
  const before = replay.lines(bytes.subarray(0, cut))
  if (before !== undefined || !replay.loop) return `it does not replay: ${JSON.stringify(before)}`
  const text = packed(replay.loop.save())
  const saved = unpacked(text) as SavedEngine
  tamper?.(saved)
  const loaded = new Replay()
  try {
    loaded.load(started, saved)
  } catch (error) {
    return String(error)
  }
  const { loop } = loaded
  if (!loop) return 'nothing is loaded'
  if (stateText(loop.state) !== stateText(replay.loop.state)) return 'another state is loaded'
  if (!tamper && packed(loop.save()) !== text) return 'what is loaded is not what was saved'
  try {
    const after = loaded.lines(bytes.subarray(cut))
    if (after !== undefined) return `the rest differs: ${JSON.stringify(after)}`
  } catch (error) {
    return String(error)
  }
  return ''
}

/** Every field of what is saved behind a turn, by its path, with a way to forget it: back to nothing. */
export function forgetting(run: Written, turn: number): Map<string, Tamper> {
  const replay = new Replay()
  replay.lines(run.bytes.subarray(0, run.ends[turn]))
  const saved = unpacked(packed(replay.loop?.save()))
  const ways = new Map<string, Tamper>()
  for (const path of pathsIn(saved, 4)) {
    if (QUIET.test(path)) continue
    const keys = path.split('.')
    ways.set(path, from => {
      const last = keys.pop() ?? ''
      const owner = keys.reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], from)
      forget(owner as Record<string, unknown>, last)
    })
  }
  return ways
}

/** What no later line shows, or too seldom: counters, bounds that are far away. The rest of the law compares them. */
const QUIET =
  /^(turns\.(tUs|inputs|decisions|deadline\.cause)|state\.(config|exits\.commands|instances\.slots|fold\.stats|oms\.book\.closed)|gateway\.(sim|desk\.(taken|cash|over|resting\.(model|met))))/

/** Paths of fields that are not at nothing already. */
function pathsIn(value: unknown, depth: number, path = ''): string[] {
  if (value === undefined || value === 0 || value === false || value === '') return []
  if (value instanceof Map || value instanceof Set) return value.size > 0 ? [path] : []
  if (Array.isArray(value) && value.length === 0) return []
  const isLeaf = typeof value !== 'object' || value === null || Array.isArray(value) || depth === 0
  const inside = isLeaf
    ? []
    : Object.entries(value).flatMap(([key, item]) =>
        pathsIn(item, depth - 1, path === '' ? key : `${path}.${key}`),
      )
  return isLeaf ? [path] : inside
}

function forget(owner: Record<string, unknown>, key: string): void {
  const value = owner[key]
  if (value instanceof Map || value instanceof Set) value.clear()
  else if (Array.isArray(value)) value.length = 0
  else if (typeof value === 'number') owner[key] = 0
  else if (typeof value === 'boolean') owner[key] = false
  else if (typeof value === 'string') owner[key] = ''
}

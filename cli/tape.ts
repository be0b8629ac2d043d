import { setImmediate } from 'node:timers/promises'
import * as E from 'fp-ts/lib/Either.js'
import { BAD, COLD, HOT, LineReader, TRADE } from '#schemas/line/reader.js'
import { TYPES, type TypeName } from '#schemas/registry.js'
import type { Tape } from '#engine/book/tape.js'
import { TapeWriter } from '#engine/book/tape-writer.js'
import { SCAN_OVER, type ScanApi } from '#engine/log/prove/scan.js'
import type { RunStore } from '#engine/log/store/run-store.js'
import { Refusal } from './command.js'
import { commitsOf, FOLDERS } from './runs.js'

/** Words of a tape that TypeScript writes, about: a few fit into a core's cache. */
const TAPE_WORDS = 1 << 17

/** Nothing is ever to be waited for: whoever takes a block decodes it. */
const NEVER = Number.POSITIVE_INFINITY

/** Feed inputs, by type name. */
const INPUTS: ReadonlySet<string> = new Set(
  Object.values(TYPES).flatMap(type => (type.kind === 'feed' ? [type.name.split('.')[0]!] : [])),
)

/** The feed inputs of a run, decoded once: for as many passes as one likes. */
export interface Taped {
  readonly tapes: readonly Tape[]
  readonly inputs: number
  /** In memory. */
  readonly bytes: number
}

/** How a run is put on tapes. */
export interface TapeOptions {
  /** What reads natively; TypeScript where it is absent. */
  readonly api?: ScanApi | undefined
  readonly progress?: (inputs: number) => void
  /** Where the run lives: in a folder, where nothing is said. */
  readonly store?: RunStore
  /** Type names of inputs that are left out. */
  readonly without?: readonly TypeName[]
}

/**
 * Reads and proves a run, and puts its feed inputs on tapes. A damaged log is a Refusal that says where.
 *
 * @param progress hears how many inputs are on them so far
 */
export async function tapesOf(
  dir: string,
  { api, progress, store = FOLDERS, without = [] }: TapeOptions = {},
): Promise<Taped> {
  const wanted = new Set([...INPUTS].filter(name => !without.some(other => other === name)))
  const scanned = new Collected(progress)
  if (api && (await scan({ dir, store, api, wanted }, scanned))) return scanned
  const found = new Collected(progress)
  await read({ dir, store, wanted }, found)
  return found
}

/** Tapes as they come. */
class Collected implements Taped {
  readonly tapes: Tape[] = []
  inputs = 0
  bytes = 0
  readonly #progress: ((inputs: number) => void) | undefined

  constructor(progress?: (inputs: number) => void) {
    this.#progress = progress
  }

  add(tape: Tape): void {
    this.tapes.push(tape)
    this.inputs += tape.inputs
    this.bytes += tape.words.byteLength + tape.lines.byteLength
    this.#progress?.(this.inputs)
  }
}

interface Reading {
  readonly dir: string
  readonly store: RunStore
  /** Type names of the inputs that are put on tapes. */
  readonly wanted: ReadonlySet<string>
}

interface Placing {
  readonly writer: TapeWriter
  readonly reader: LineReader
  readonly kind: typeof HOT | typeof COLD | typeof TRADE
  readonly line: Uint8Array
}

/** Takes a whole run natively; false where TypeScript has to read it. */
async function scan(
  { dir, store, api, wanted }: Reading & { api: ScanApi },
  into: Collected,
): Promise<boolean> {
  const scanning = await store.scan(dir, api, NEVER)
  if (!scanning) return false
  const names = [...wanted].join(',')
  for (;;) {
    const length = api.scanNext(scanning)
    if (length < 0) return length === SCAN_OVER
    const found = api.scanTape(scanning, names)
    if (!found) return false
    const [words, lines, inputs] = found
    into.add({ words, lines, inputs })
    await setImmediate() // the process hears its signals
  }
}

async function read({ dir, store, wanted }: Reading, into: Collected): Promise<void> {
  const writer = new TapeWriter(TAPE_WORDS + 1_024)
  const reader = new LineReader()
  for await (const { bytes, file } of commitsOf(dir, { store })) {
    reader.over(bytes, true) // the walk over commits has proven the head
    for (let start = 0; start < bytes.length; start = reader.end + 1) {
      const kind = reader.next(start)
      if (kind === BAD) throw new Refusal('damaged', reader.fault?.message ?? '', `${dir}/${file}`)
      const line = bytes.subarray(start, reader.end + 1)
      const fault = put({ writer, reader, kind, line }, wanted)
      if (fault !== undefined) throw new Refusal('unreadable-event', fault, `${dir}/${file}`)
    }
    if (writer.length >= TAPE_WORDS) into.add(writer.take())
  }
  into.add(writer.take())
}

/** Puts one line on a tape where it is an input; what is wrong with it, where it cannot be read. */
function put(
  { writer, reader, kind, line }: Placing,
  wanted: Reading['wanted'],
): string | undefined {
  const { changes, length, tUs } = reader
  if (kind === HOT && writer.changes(changes, length, tUs)) return undefined
  const row = reader.recorded(kind)
  if (E.isLeft(row)) return row.left.message
  const { event } = row.right
  if (kind === TRADE && event.type === 'TradePrinted' && writer.trade(event.data, tUs))
    return undefined
  if (wanted.has(event.type)) writer.line(line, tUs)
  return undefined
}

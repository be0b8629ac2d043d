import { FeedFault } from '../../feed.js'
import type { FeedEvent, FeedInput } from '../../feed.js'
import { importFeed } from '../../recorded/import-feed.js'
import type { ImportFeed, ImportOptions } from '../../recorded/import-feed.js'
import { jsonObjects } from '../../recorded/json-objects.js'
import { KalshiDecoder } from '../decode/messages.js'
import { unwrapped, venueTimeOf } from '../decode/envelope.js'
import type { Meta } from '../../recorded/market-meta.js'
import { filesOf, firstIn, inOrder } from '../../recorded/paths.js'
import type { FileTimes } from '../../recorded/times.js'
import type { Wire } from '../../recorded/wire.js'

/** Events that may wait for a time: a recording that tells none for longer is not one we can order. */
const UNTIMED_MAX = 100_000

const WANTED = {
  isWanted: (name: string) => /\.(jsonl|ndjson|json)(\.gz|\.zst)?$/.test(name),
  expected: 'a .jsonl file of messages (.gz or .zst too), or a folder of them',
}

/**
 * Raw sessions of Kalshi's order-book socket: a message per line, bare or as `{recv_ts_ns, raw}`. Books hold bids of YES
 * and of NO only; a bid of one is the mirrored ask of the other, so each change becomes a pair. Source: Kalshi's
 * WebSocket documentation (orderbook_delta) and recorded sessions of 2026.
 */
export function kalshi(
  paths: readonly string[],
  meta: Meta = [],
  options: ImportOptions = {},
): ImportFeed {
  return importFeed(
    'kalshi-ws',
    async function* (tally, signal) {
      const first = (line: Wire, of: FileTimes): number | undefined => {
        const { wire, receivedUs } = unwrapped(line, of)
        return receivedUs ?? timeOf(wire)
      }
      const files = await inOrder(
        await filesOf(paths, WANTED, tally),
        file => firstIn(file, first),
        tally,
      )
      const times = new Times()
      const decoder = new KalshiDecoder(tally, meta, event => times.say(event))
      for (const file of files) {
        tally.begin(file)
        for await (const wires of jsonObjects(file)) {
          if (signal.aborted) return
          for (const line of wires) {
            tally.read++
            const { wire, receivedUs } = unwrapped(line, tally.times)
            const venueUs = timeOf(wire)
            const at = receivedUs ?? venueUs
            times.at(at, wire.where)
            const isBoth = receivedUs !== undefined && venueUs !== undefined
            decoder.take(wire, isBoth ? receivedUs - venueUs : undefined)
          }
          yield times.drained()
        }
      }
      times.end()
      yield times.drained()
    },
    undefined,
    options,
  )
}

function timeOf({ value, where }: Wire): number | undefined {
  const { msg } = value
  if (typeof msg !== 'object' || msg === null || Array.isArray(msg)) return undefined
  return venueTimeOf({ value: msg as Wire['value'], text: '', where })
}

/** Gives events their time: that of their message, else the next one known, else, at the end, the last. */
class Times {
  private inputs: FeedInput[] = []
  private untimed: FeedEvent[] = []
  private now: number | undefined
  private last: number | undefined
  private where = ''

  /** The time of the message whose events follow; undefined where it has none. */
  at(tUs: number | undefined, where: string): void {
    this.now = tUs
    this.where = where
    if (tUs === undefined) return
    this.last = tUs
    this.release(tUs)
  }

  say(event: FeedEvent): void {
    if (this.now !== undefined) this.inputs.push({ tUs: this.now, event })
    else if (this.untimed.push(event) > UNTIMED_MAX)
      throw new FeedFault('no message has a time', this.where, 'ts, ts_ms or recv_ts_ns')
  }

  end(): void {
    if (this.untimed.length > 0 && this.last === undefined)
      throw new FeedFault('no message has a time', this.where, 'ts, ts_ms or recv_ts_ns')
    this.release(this.last ?? 0)
  }

  drained(): readonly FeedInput[] {
    const { inputs } = this
    this.inputs = []
    return inputs
  }

  private release(tUs: number): void {
    for (const event of this.untimed) this.inputs.push({ tUs, event })
    this.untimed = []
  }
}

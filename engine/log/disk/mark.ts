import type { LogEnd, Mark } from '../event-log.js'

/** A place between two commits of a log in segments, with all that a reader needs to go on verifying from there. */
export interface Place extends LogEnd {
  readonly segment: number
  /** Offset behind the commit line in the (uncompressed) segment. */
  readonly byte: number
  /** Bytes of event lines in the segment before it. */
  readonly segmentBytes: number
  /** The running hash there, hex. */
  readonly hasher: string
}

/** A place as the port knows it. */
export function markOf({ lastSeq, commits, head, ...own }: Place): Mark {
  const { segment, byte, segmentBytes, hasher } = own
  return { lastSeq, commits, head, token: `${segment}/${byte}/${segmentBytes}/${hasher}` }
}

/** The place of a mark; undefined where its token is none of a log in segments. */
export function placeOf({ lastSeq, commits, head, token }: Mark): Place | undefined {
  const found = /^(\d{1,15})\/(\d{1,15})\/(\d{1,15})\/([0-9a-f]*)$/.exec(token)
  if (!found) return undefined
  const [segment = 0, byte = 0, segmentBytes = 0] = found.slice(1, 4).map(Number)
  return { lastSeq, commits, head, segment, byte, segmentBytes, hasher: found[4] ?? '' }
}

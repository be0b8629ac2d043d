import type { Disk } from '../disk/disk.js'
import { segmentLineOf } from '../disk/framing.js'
import { firstLineOf } from '../read/lines.js'
import { endsRun, misnumbered } from '../read/numbering.js'
import type { SegmentProof } from './scan.js'
import type { Segment } from '../disk/segments.js'
import { LogVerifier } from '../read/log-verifier.js'

/** What else a proof tells: the commits with this head, and the one that ends at this sequence. */
export interface Wanted {
  readonly head: string
  readonly seq: number
}

/**
 * Proves one segment from its first byte to its last. What its segment line says of the run before it (number, head, sequence) is
 * believed here and compared by the caller. Null where anything is not as it must be: what exactly, a `LogVerifier` over the
 * whole run finds out. Rejects where the disk fails.
 */
export async function proofOf(
  disk: Disk,
  segment: Segment,
  { head, seq }: Wanted,
): Promise<SegmentProof | null> {
  const opening = await firstLineOf(disk, segment)
  const line = opening && segmentLineOf(opening)
  if (!line) return null
  const before = { ...segment, number: segment.number - 1 }
  const verifier = (await LogVerifier.over(disk, [before, segment])).startAt(1)
  let [firstCommit, hasEnded] = [0, false]
  const found: { headAt: SegmentProof['headAt']; seqAt: SegmentProof['seqAt'] } = {
    ...{ headAt: null, seqAt: null },
  }
  try {
    for (;;) {
      const step = await verifier.next()
      if (step.tag === 'stop') {
        if (step.kind !== 'end') return null
        const { run, lastSeq, commits, head: last, segmentBytes: eventBytes, byte: bytes } = step
        const { segment, first, head: start } = line
        const of = { segment, run, first, start, firstCommit, commits, lastSeq, head: last }
        return { ...of, eventBytes, bytes, hasEnded, ...found }
      }
      const { buffer, byteOffset, length } = step.bytes
      const lines = Buffer.from(buffer, byteOffset, length)
      if (hasEnded || misnumbered(lines, step.firstSeq, step.lastSeq) >= 0) return null
      firstCommit ||= step.commit
      hasEnded = endsRun(lines)
      if (step.head === head) found.headAt = step.lastSeq
      if (step.lastSeq === seq) found.seqAt = { commit: step.commit, head: step.head }
    }
  } finally {
    await verifier.close()
  }
}

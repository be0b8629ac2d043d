import { xxh32 } from './xxh32.js'

const encoder = new TextEncoder()

/** The line that opens a segment, up to its sum. */
export function segmentText(of: {
  readonly segment: number
  readonly run: string
  readonly first: number
  readonly head: string
}): string {
  const { segment, run, first, head } = of
  return `{"segment":${segment},"run":${JSON.stringify(run)},"first":${first},"head":"${head}"`
}

/** The line that ends a commit, up to its sum. */
export function commitText(of: {
  readonly commit: number
  readonly n: number
  readonly head: string
}): string {
  return `{"commit":${of.commit},"n":${of.n},"head":"${of.head}"`
}

/** A whole line, newline included, of what stands before its sum. */
export function summed(text: string): Uint8Array {
  const bytes = encoder.encode(text)
  const sum = xxh32(new DataView(bytes.buffer), 0, bytes.length)
  return encoder.encode(`${text},"x":"${sum.toString(16).padStart(8, '0')}"}\n`)
}

import { LineWriter } from '#schemas/line/writer.js'
import { kindOf, type TypeName } from '#schemas/registry.js'
import type { Turn } from '#engine/core/turn.js'

/** A line that one run has, and another that should be the same has otherwise or not at all. */
export interface Difference {
  readonly seq: number
  /** The line of the whole run; empty where it has none. */
  readonly expected: string
  /** The line of the other run; empty where it has none. */
  readonly got: string
}

/** All that a whole run said which was not said to it, as the lines of its log. */
export class Told {
  /** Inputs that stood on no tape: the start, answers, the clock. */
  others = 0
  readonly seqs: number[] = []
  readonly #starts: number[] = []
  readonly #writer = new LineWriter()
  #view: DataView | undefined

  add({ rows }: Turn): void {
    for (const { seq, tUs, cause, event } of rows) {
      if (isGiven(event.type)) continue
      this.seqs.push(seq)
      this.#starts.push(this.#writer.length)
      this.#writer.event(seq, tUs, cause, event)
    }
    if (!isGiven(rows[0]!.event.type)) this.others++
  }

  /** The n-th line without its newline; empty behind the last. */
  line(n: number): string {
    return new TextDecoder().decode(this.#bytes(n)).trimEnd()
  }

  /** How much was said up to an event. */
  countTo(seq: number): number {
    const behind = this.seqs.findIndex(of => of > seq)
    return behind < 0 ? this.seqs.length : behind
  }

  /** Whether what was written is the n-th line. */
  isAt(n: number, written: LineWriter): boolean {
    const { bytes } = this.#writer
    this.#view ??= new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    return written.length === this.#bytes(n).length && written.isAt(this.#view, this.#starts[n]!)
  }

  #bytes(n: number): Uint8Array {
    const { bytes } = this.#writer
    const start = this.#starts[n] ?? bytes.length
    return bytes.subarray(start, this.#starts[n + 1] ?? bytes.length)
  }
}

/** Holds a run against what was told, line by line. */
export class Compared {
  readonly #told: Told
  readonly #writer = new LineWriter(1 << 12)
  #n = 0
  #found: Difference | undefined

  /** `behindSeq`: the run goes on behind this event; what was said up to it is taken as said. */
  constructor(told: Told, behindSeq = 0) {
    this.#told = told
    if (behindSeq > 0) this.#n = told.countTo(behindSeq)
  }

  add({ rows }: Turn): void {
    for (const { seq, tUs, cause, event } of rows) {
      if (this.#found || isGiven(event.type)) continue
      this.#writer.reset()
      this.#writer.event(seq, tUs, cause, event)
      if (!this.#told.isAt(this.#n, this.#writer)) this.#differs(seq)
      this.#n++
    }
  }

  /** The first difference. The run was over before it gave anything the number `nextSeq`. */
  end(nextSeq: number): Difference | undefined {
    const seq = this.#told.seqs[this.#n]
    // What has that number is no input from outside, or it would not stand here: so it should have come before the cut.
    if (!this.#found && seq !== undefined && (seq === nextSeq || nextSeq === Infinity))
      this.#found = { seq, expected: this.#told.line(this.#n), got: '' }
    return this.#found
  }

  #differs(seq: number): void {
    const other = this.#told.seqs[this.#n] ?? Number.POSITIVE_INFINITY
    const got = new TextDecoder().decode(this.#writer.bytes).trimEnd()
    this.#found = {
      seq: Math.min(seq, other),
      expected: other <= seq ? this.#told.line(this.#n) : '',
      got: seq <= other ? got : '',
    }
  }
}

/** Whether the source said it: then it stands on the tapes. */
const isGiven = (type: TypeName): boolean => kindOf(type) === 'feed'

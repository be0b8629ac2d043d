/** What may go wrong with the twin, for a while. */
export const FAULT_KINDS = [
  'drop-frames',
  'duplicate-frames',
  'delay-frames',
  'reorder-frames',
  'garbage-frames',
  'stall',
  'half-open',
  'close',
  'stale-rest',
  'rest-500',
  'rest-429',
  'rest-slow',
] as const
/** Name of a fault. */
export type FaultKind = (typeof FAULT_KINDS)[number]

/** One fault of a script: what, from when on and for how long, in ms since the twin began. */
export interface ScriptedFault {
  readonly kind: FaultKind
  readonly fromMs: number
  readonly forMs: number
}

const SCRIPTED = /^([a-z0-9-]+)@(\d+(?:\.\d+)?)s(?:\+(\d+(?:\.\d+)?)s)?$/

/** Reads `KIND@SECONDSs+SECONDSs`, as in `stall@10s+5s`; what is wrong with it otherwise. */
export function faultFrom(text: string): ScriptedFault | string {
  const [, kind, from, lasting = '1'] = SCRIPTED.exec(text) ?? []
  const known = FAULT_KINDS.find(one => one === kind)
  if (!known || from === undefined) return `'${text}' is no fault`
  return { kind: known, fromMs: Number(from) * 1_000, forMs: Number(lasting) * 1_000 }
}

/** The faults of a script, by the time since the twin began. */
export class Faults {
  readonly #script: readonly ScriptedFault[]
  readonly #elapsedMs: () => number

  constructor(script: readonly ScriptedFault[], elapsedMs: () => number) {
    this.#script = script
    this.#elapsedMs = elapsedMs
  }

  /** Whether a fault of this kind is going on. */
  isOn(kind: FaultKind): boolean {
    if (this.#script.length === 0) return false
    const now = this.#elapsedMs()
    return this.#script.some(
      one => one.kind === kind && now >= one.fromMs && now < one.fromMs + one.forMs,
    )
  }
}

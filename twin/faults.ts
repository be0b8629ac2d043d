/** What may go wrong with the twin's market side, for a while. */
export const MARKET_FAULTS = [
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
  'rest-hang',
  'rest-reset',
  'truncated-json',
  'schema-drift',
  'duplicate-pages',
] as const

/** What may go wrong with its order side. */
export const ORDER_FAULTS = [
  'order-5xx-with-effect',
  'order-5xx-without-effect',
  'order-timeout-after-execution',
  'order-reset-after-execution',
  'order-timeout-before',
  'order-425',
  'order-429',
  'order-503',
  'reject-orders',
  'wrong-order-id',
  'order-delayed',
  'cancel-5xx-with-effect',
  'cancel-5xx-without-effect',
  'fill-after-cancel',
  'late-fills',
  'duplicate-fills',
  'drop-user-frames',
  'delay-user-frames',
  'reorder-user-frames',
  'stall-user',
  'close-user',
  'trade-failed',
  'trade-retrying',
  'tick-change',
  'account-500',
  'hide-closed-orders',
  'unauthorized',
  'closed-only',
  'geoblocked',
  'clock-skew',
  'order-5xx-half-effect',
  'cancel-timeout-after-execution',
  'cancel-timeout-before',
  'bucketed-trades',
  'stale-account',
  'no-allowance',
] as const

/** Everything that may go wrong, by name. */
export const FAULT_KINDS = [...MARKET_FAULTS, ...ORDER_FAULTS] as const
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
  readonly #script: ScriptedFault[]
  readonly #elapsedMs: () => number

  constructor(script: readonly ScriptedFault[], elapsedMs: () => number) {
    this.#script = [...script]
    this.#elapsedMs = elapsedMs
  }

  /** Adds a fault to the script. */
  add(fault: ScriptedFault): void {
    this.#script.push(fault)
  }

  /** Whether a fault of this kind is going on. */
  isOn(kind: FaultKind): boolean {
    return this.since(kind, 0) !== undefined
  }

  /**
   * How long ago the fault of this kind ended that ended last, ms, where that is less than `withinMs`; 0 while one is going
   * on. Undefined where there is none.
   */
  since(kind: FaultKind, withinMs: number): number | undefined {
    if (this.#script.length === 0) return undefined
    const now = this.#elapsedMs()
    const ago = this.#script
      .filter(one => one.kind === kind && now >= one.fromMs)
      .map(one => Math.max(0, now - one.fromMs - one.forMs + 1))
    const least = Math.min(...ago)
    return least <= withinMs ? least : undefined
  }
}

import type { ScriptedFault } from '#twin/faults.js'

const [SECOND, MINUTE, HOUR] = [1_000, 60_000, 3_600_000]

/** Everything that sources can do wrong, spread over a day: each kind shortly, and some of them for long. */
export const DAY_OF_FAULTS: readonly ScriptedFault[] = [
  { kind: 'rest-500', fromMs: HOUR, forMs: 20 * SECOND },
  { kind: 'rest-429', fromMs: 2 * HOUR, forMs: MINUTE },
  { kind: 'truncated-json', fromMs: 3 * HOUR, forMs: 2 * MINUTE },
  { kind: 'schema-drift', fromMs: 4 * HOUR, forMs: 6 * MINUTE },
  { kind: 'rest-slow', fromMs: 5 * HOUR, forMs: 10 * MINUTE },
  { kind: 'duplicate-pages', fromMs: 6 * HOUR, forMs: HOUR },
  { kind: 'clock-skew', fromMs: 8 * HOUR, forMs: 30 * MINUTE },
  { kind: 'rest-hang', fromMs: 9 * HOUR, forMs: 4 * MINUTE },
  { kind: 'rest-reset', fromMs: 10 * HOUR, forMs: 3 * MINUTE },
  { kind: 'rest-500', fromMs: 11 * HOUR, forMs: 40 * MINUTE },
  { kind: 'rest-429', fromMs: 14 * HOUR, forMs: 5 * MINUTE },
  { kind: 'truncated-json', fromMs: 16 * HOUR, forMs: 5 * SECOND },
  { kind: 'duplicate-pages', fromMs: 18 * HOUR, forMs: 2 * HOUR },
]

/** When the engine wants to hear from the clock, in µs (Infinity: never), and the event that made it want to. */
export interface Deadline {
  readonly dueUs: number
  readonly cause: number
}

/** Never. */
export const NEVER: Deadline = { dueUs: Number.POSITIVE_INFINITY, cause: 0 }

import type { EventOf } from '#schemas/registry.js'
import type { Summary } from '#projections/summary.js'
import type { Tape } from '#engine/book/tape.js'
import { servingOf, type Backend } from './backend.js'
import { passed } from './passes.js'

/** One pass over a run that is on tapes, as plain data: a thread of its own can be asked for it. */
export interface PassJob {
  /** Which of the runs, from 0. */
  readonly run: number
  readonly started: EventOf<'RunStarted'>
}

/** Does one pass with an engine of its own. */
export function doneJob({ run, started }: PassJob, { runs, backend, say }: JobGround): Summary {
  const { parts, close } = servingOf(backend, say)
  try {
    return passed(started, runs[run]!, parts)
  } finally {
    close()
  }
}

/** What passes are made over, and with. */
export interface JobGround {
  /** The tapes of each run. */
  readonly runs: readonly (readonly Tape[])[]
  readonly backend: Backend
  readonly say: (line: string) => void
}

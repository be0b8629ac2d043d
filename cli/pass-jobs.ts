import type { EventOf } from '#schemas/registry.js'
import type { Summary } from '#projections/summary.js'
import type { Tape } from '#engine/book/tape.js'
import { servingOf, type Backend } from './backend.js'
import { trialOver, type Trial, type TrialWindow } from './optimize/trial.js'
import { passed } from './passes.js'
import type { Compiled } from './strategies/compile.js'
import { strategiesFrom } from './strategies/own.js'

/** One pass over a run that is on tapes, as plain data: a thread of its own can be asked for it. */
export interface PassJob {
  /** Which of the runs, from 0. */
  readonly run: number
  readonly started: EventOf<'RunStarted'>
}

/** A pass over a part of a run. */
export interface TrialJob extends PassJob {
  readonly window: TrialWindow
}

/** What came of a job. */
export type JobResult =
  | { readonly tag: 'summary'; readonly summary: Summary }
  | { readonly tag: 'trial'; readonly trial: Trial }

/** Does one pass with an engine of its own: over the whole run, or over a window of it. */
export function doneJob(
  job: PassJob | TrialJob,
  { runs, backend, code = [], say }: JobGround,
): JobResult {
  const { run, started } = job
  const { parts: served, close } = servingOf(backend, say)
  const parts = { ...served, strategies: strategiesFrom(code) }
  const tapes = runs[run]!
  try {
    if (!('window' in job)) return { tag: 'summary', summary: passed(started, tapes, parts) }
    return { tag: 'trial', trial: trialOver(started, tapes, job.window, parts) }
  } finally {
    close()
  }
}

/** Inputs that a job takes an engine over. */
export const inputsOf = (job: PassJob | TrialJob, runs: JobGround['runs']): number =>
  'window' in job
    ? job.window.until.inputs
    : runs[job.run]!.reduce((sum, { inputs }) => sum + inputs, 0)

/** What passes are made over, and with. */
export interface JobGround {
  /** The tapes of each run. */
  readonly runs: readonly (readonly Tape[])[]
  readonly backend: Backend
  /** Strategies that the program does not know. */
  readonly code?: readonly Compiled[] | undefined
  readonly say: (line: string) => void
}

import { Refusal } from '../command.js'

/** What one look found. `warn`: something is missing without which all that is recorded still works. */
export interface Finding {
  readonly name: string
  readonly status: 'ok' | 'warn' | 'fail'
  readonly detail: string
}

/** One look at this installation. What it throws is a failure in words. */
export interface Look {
  readonly name: string
  readonly look: () => Promise<Omit<Finding, 'name'>> | Omit<Finding, 'name'>
}

/** All is well. */
export const ok = (detail: string): Omit<Finding, 'name'> => ({ status: 'ok', detail })
/** It works without. */
export const warn = (detail: string): Omit<Finding, 'name'> => ({ status: 'warn', detail })
/** It does not work. */
export const fail = (detail: string): Omit<Finding, 'name'> => ({ status: 'fail', detail })

/** Looks one after the other, so that none disturbs what another measures. */
export async function findings(looks: readonly Look[]): Promise<Finding[]> {
  const found: Finding[] = []
  for (const { name, look } of looks)
    try {
      found.push({ name, ...(await look()) })
    } catch (error) {
      found.push({ name, ...fail(adviceOf(error)) })
    }
  return found
}

/** What went wrong, and what was expected where that is known. */
function adviceOf(error: unknown): string {
  const sentence = sentenceOf(error)
  if (!(error instanceof Refusal) || error.expected === '') return sentence
  return `${sentence} (${error.where}); expected ${error.expected}`
}

/** The first line of what went wrong. */
export const sentenceOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? ''

import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import * as E from 'fp-ts/lib/Either.js'
import type { EventOf } from '#schemas/registry.js'
import { FOLDERS, logRefusal } from '../runs.js'
import { tellRun } from '../tell-run.js'
import { AlertConditions, type Alert, type AlertTerms } from './conditions.js'
import type { Dispatch } from './dispatch.js'

/** Beside a log that takes nothing any more: what became of alerts about it, a JSON object a line. */
export const JOURNAL = 'alerts.jsonl'
/** How often the log, and whoever writes it, are looked at, ms. */
const LOOK_MS = 500

/** What is watched, and how. */
export interface WatchOptions {
  readonly dir: string
  readonly terms: AlertTerms
  readonly dispatch: Dispatch
  /** What lies further back than this when the watch begins is not told, ms. */
  readonly catchUpMs: number
  readonly nowUs: () => number
  readonly stop: AbortSignal
  readonly note: (line: string) => void
}

/**
 * Follows the log of a run until it has ended, and tells what is to be told. It is a process of its own: one that hangs, or dies, is told of by somebody
 * who does neither. Answers how many alerts there were.
 */
export async function watch(of: WatchOptions): Promise<number> {
  const { dir, terms, dispatch, nowUs, stop } = of
  const conditions = new AlertConditions(terms)
  const following = FOLDERS.follow(dir)
  const fromUs = nowUs() - of.catchUpMs * 1_000
  let waiting: Alert[] = []
  let count = 0
  let isGone = false
  try {
    while (!stop.aborted) {
      const before = following.lastSeq
      for await (const read of following.rows(Number.POSITIVE_INFINITY)) {
        if (E.isLeft(read)) throw logRefusal(read.left)
        for (const row of read.right) waiting.push(...conditions.take(row))
      }
      const isAtEnd = following.lastSeq === before
      waiting.push(...conditions.silence(nowUs()))
      if (isAtEnd && !conditions.hasEnded) {
        const { status } = await FOLDERS.info(dir)
        if (status === 'crashed' && !isGone) waiting.push(conditions.stalled(nowUs()))
        isGone = status === 'crashed'
      }
      for (const alert of waiting) {
        if (alert.tUs < fromUs || conditions.isDelivered(alert)) continue
        of.note(`${alert.rule}: ${alert.text.split('\n')[0] ?? ''}`)
        count += (await dispatch.send(alert)).length > 0 ? 1 : 0
      }
      waiting = []
      if (conditions.hasEnded && isAtEnd) break
      await setTimeout(LOOK_MS, undefined, { signal: stop }).catch(() => undefined)
    }
  } finally {
    await following.close()
  }
  return count
}

/** Puts what became of an alert into the log of its run; where nobody writes that any more, into a file beside it. */
export async function recorded(
  dir: string,
  event: EventOf<'AlertDelivered'>,
  note: (line: string) => void,
): Promise<void> {
  try {
    const answer = await tellRun(dir, { command: 'alert', alert: event.data })
    if (!('error' in answer)) return
    note(`the log does not take it: ${answer.error.message}`)
  } catch {
    // The process is gone: so is the one that could write to the log.
  }
  await appendFile(join(dir, JOURNAL), `${JSON.stringify(event.data)}\n`)
}

import { RunEnded } from '#schemas/events/run.js'
import type { EventOf } from '#schemas/registry.js'
import type { FeedInput } from '#engine/feeds/feed.js'
import type { EngineLoop } from '../engine-loop.js'
import { shutDown } from '../run.js'

/** Takes every input by itself, what is due before it first, and brings the run to its end in order. */
export function takeWholeRun(
  loop: EngineLoop<never>,
  started: EventOf<'RunStarted'>,
  inputs: readonly FeedInput[],
): void {
  loop.take(inputs[0]?.tUs ?? 0, started)
  for (const { tUs, event } of inputs) {
    loop.catchUp(Math.max(tUs, loop.tUs))
    loop.take(tUs, event)
  }
  shutDown(loop)
  loop.catchUp(Number.POSITIVE_INFINITY)
  loop.take(loop.tUs, RunEnded.make({ why: 'source-ended' }))
}

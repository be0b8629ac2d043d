import * as E from 'fp-ts/lib/Either.js'
import { completed, type Config } from '#schemas/config.js'
import { RunStarted } from '#schemas/events/run.js'
import type { EventOf } from '#schemas/registry.js'
import type { WallClock } from '#engine/core/wall-clock.js'
import { FeedFault, type Feed } from '#engine/feeds/feed.js'
import type { VenueGateway } from '#engine/gateways/venue-gateway.js'
import type { LiveEnd } from '#engine/run/live-options.js'
import { Refusal, textOf, type Call } from './command.js'
import { openLive } from './live-run.js'
import { LiveViews } from './live-views.js'
import { openOperator } from './operator.js'
import { pointTo } from './latest.js'
import { FOLDERS, logRefusal, runsDirOf, startOf } from './runs.js'
import {
  factsOf,
  keptAs,
  partsOf,
  servesOf,
  startedOf,
  storeOf,
  upkeepOf,
  type RunPlan,
} from './start-run.js'
import { servingOf } from './backend.js'
import { keepFiles } from './strategies/kept.js'
import { requireSound } from './strategies/sound.js'

/**
 * Runs a plan by the machine's clock until its feed ends or the operator stops it; goes on where its run was begun before. Throws a
 * `Refusal` where the feed was given up: the run is sealed then, and holds what was heard.
 */
export async function runLivePlan(
  plan: RunPlan,
  { clock, venue }: { clock: WallClock; venue?: VenueGateway | undefined },
  call: Call,
): Promise<LiveEnd> {
  const remark = (line: string): void => {
    call.note(line)
  }
  const serving = servingOf(servesOf(plan), remark)
  try {
    const store = storeOf(plan)
    const upkeep = upkeepOf(plan, { call, store })
    const started = await startedAt(plan)
    let lost: FeedFault | undefined
    const feed = heard(plan.feed, fault => {
      lost = fault
    })
    const hasBegun = await FOLDERS.hasBegun(plan.dir).catch(() => false)
    if (!hasBegun) await requireSound(plan.config, call)
    const opened = await openLive({
      ...{ store, run: plan.dir, started, clock, remark, feeds: [feed] },
      ...(venue && { venue }),
      facts: factsOf(plan, started.data.digest),
      keep: keptAs(plan, upkeep, serving),
      everyEvents: plan.config.log.checkpoint_events,
      parts: partsOf(plan, serving),
    })
    if (!hasBegun && !plan.store) await keepFiles(plan.dir, plan.config)
    const fault = pointTo(plan.dir, runsDirOf(call.values))
    if (fault !== undefined) call.note(`run_latest still names an older run: ${fault}`)
    if (plan.acks)
      opened.log.onDurable(seq => {
        call.stream({ acked: seq })
      })
    const operator = await openOperator(plan, call)
    const { live, every_ms: everyMs } = plan.config.views
    const views =
      plan.hasLiveViews === true && live
        ? new LiveViews(plan.dir, { everyMs, log: opened.log, call })
        : undefined
    try {
      const ended = await opened.go(
        call.stop,
        ({ lastSeq }) => progress(lastSeq, call),
        operator.queue,
      )
      const { lastSeq, head } = E.isRight(ended) ? ended.right : { lastSeq: 0, head: '' }
      await views?.end({ lastSeq, head })
      if (E.isRight(ended)) return served(ended.right, lost, plan.dir)
      throw logRefusal(ended.left)
    } catch (error) {
      await views?.end({ lastSeq: opened.log.durableSeq, head: '' })
      throw error
    } finally {
      operator.close()
    }
  } finally {
    serving.close()
  }
}

/** The feed, of which one hears why it was given up: the log has that as `FeedLost`, where nobody looks at once. */
function heard(feed: Feed, lost: (fault: FeedFault) => void): Feed {
  return {
    ...feed,
    async *open(opening) {
      try {
        yield* feed.open(opening)
      } catch (error) {
        if (error instanceof FeedFault && !opening.signal.aborted) lost(error)
        throw error
      }
    },
  }
}

function served(end: LiveEnd, lost: FeedFault | undefined, dir: string): LiveEnd {
  if (!lost) return end
  const kept = `${lost.expected} (what was heard until then is in ${dir})`
  throw new Refusal('feed', lost.message, lost.where, kept)
}

function progress(lastSeq: number, call: Call): void {
  call.progress(`${lastSeq.toLocaleString('en')} events; Ctrl-C ends the run`)
}

/** `RunStarted` of a run by the wall clock; of one that was begun before, as it began. */
async function startedAt(plan: RunPlan): Promise<EventOf<'RunStarted'>> {
  const hasBegun = await FOLDERS.hasBegun(plan.dir).catch(() => false) // it is not there at all
  if (hasBegun) return await startOf(plan.dir)
  const { data } = await startedOf(plan)
  const isLive = plan.mode === 'live'
  return RunStarted.make({ ...data, clock: 'wall', ...(isLive && { exchange: 'venue' }) })
}

/** A configuration with what decides as an earlier run recorded it. */
export const asRecorded = (config: Config, { data }: EventOf<'RunStarted'>): Config => ({
  ...config,
  ...completed(data.config),
})

/**
 * The call with the end that `--duration` gives it. Made by hand: a signal of `AbortSignal.any` and `timeout` may be collected, and never
 * abort (Node 20).
 */
export function lasting(call: Call): Call {
  const text = textOf(call.values, 'duration')
  if (text === undefined) return call
  const ms = durationOf(text)
  if (ms === undefined)
    throw new Refusal('usage', `--duration is '${text}'`, '--duration', '90s, 15m, 24h')
  const ends = new AbortController()
  const end = (): void => {
    clearTimeout(timer)
    ends.abort()
  }
  // A run that ends before does not wait for it.
  const timer = setTimeout(end, ms).unref()
  call.stop.addEventListener('abort', end, { once: true })
  if (call.stop.aborted) end()
  return { ...call, stop: ends.signal }
}

/** `90s`, `15m`, `24h` in ms; undefined for anything else. */
export function durationOf(text: string): number | undefined {
  const [, count, unit] = /^([1-9][0-9]{0,5})([smh])$/.exec(text) ?? []
  if (count === undefined) return undefined
  return Number(count) * (unit === 's' ? 1_000 : unit === 'm' ? 60_000 : 3_600_000)
}

import Type from 'typebox'
import { At, Count, orNull } from '../shapes/common.js'
import type { Desk } from '../server/desk.js'
import { answers, type App } from '../server/typed.js'

/** Age of the last evaluation from which on a run that goes on lags, and from which on it stands still, ms. */
const LAGGING_MS = 30_000
const STALE_MS = 300_000

const Health = Type.Object({
  status: Type.Union([Type.Literal('ok'), Type.Literal('degraded')]),
  time: Count,
  db: Type.Union([Type.Literal('ok'), Type.Literal('error')]),
  rules_heartbeat: Type.Union([
    Type.Literal('ok'),
    Type.Literal('lagging'),
    Type.Literal('stale'),
    Type.Literal('over'),
  ]),
  run: Type.String(),
  mode: Type.String(),
  seq: Count,
  heartbeat_age_ms: orNull(Count),
  hard_stop: Type.Boolean(),
  trouble: orNull(Type.String()),
  counters: Type.Record(Type.String(), Type.Number()),
})

/**
 * Health of a run. The heartbeat is the last evaluation: every input of the market is one, so a quiet market without signals is `ok`,
 * and a run that is neither sealed nor run by a process is `stale`.
 * `db` is the log: `error` where it cannot be read on.
 */
export function healthRoutes(app: App, desk: Desk): void {
  app.get(
    '/api/healthz',
    {
      schema: {
        tags: ['health'],
        querystring: Type.Object({ run: At.run }),
        response: answers(Health),
      },
    },
    async ({ query }) => {
      const { name, dir, run } = await desk.run(query.run)
      const gauges = await run.ask('gauges', undefined)
      const nowMs = desk.of.nowMs()
      const trouble = run.tip?.trouble ?? null
      const isOver = run.tip?.isEnded ?? false
      // A run by recorded or simulated time stands in another year: there the log alone tells how old its last word is.
      const ageMs = nowMs - Math.floor(gauges.lastTickUs / 1_000)
      const isWall = gauges.clock === 'wall'
      const isDead = !isOver && !desk.of.isAlive(dir)
      const isRead = run.tip?.isRead ?? false // until then nobody knows its last word
      const beatMs = isDead ? STALE_MS : !isRead ? LAGGING_MS : isWall ? ageMs : 0
      const heartbeat = isOver ? ('over' as const) : beatOf(beatMs)
      const isWell = trouble === null && !gauges.hardStop && heartbeat !== 'stale'
      return {
        status: isWell ? ('ok' as const) : ('degraded' as const),
        db: trouble === null ? ('ok' as const) : ('error' as const),
        rules_heartbeat: heartbeat,
        ...{ time: nowMs, run: name, mode: gauges.mode, seq: gauges.seq },
        heartbeat_age_ms: isWall && !isOver ? Math.max(0, ageMs) : null,
        ...{ hard_stop: gauges.hardStop, trouble, counters: gauges.counters },
      }
    },
  )
}

const beatOf = (ageMs: number): 'ok' | 'lagging' | 'stale' =>
  ageMs < LAGGING_MS ? 'ok' : ageMs < STALE_MS ? 'lagging' : 'stale'

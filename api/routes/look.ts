import Type from 'typebox'
import { At, Count, Level, Page, PAGE_MAX } from '../shapes/common.js'
import { Heatmap, Market, MarketPage, Book } from '../shapes/market.js'
import { Moment, Run, Status, Step, Timeline } from '../shapes/run.js'
import { Calibration, Kpi, Order, Signal, Why } from '../shapes/trading.js'
import type { Desk } from '../server/desk.js'
import { answers, pageOf, type App } from '../server/typed.js'

/** Entries of a page where nobody says how many. */
const LIMIT = 20
const Id = Type.Object({ id: Type.String({ minLength: 1, maxLength: 200 }) })
const Depth = Type.Optional(Type.Integer({ minimum: 1, maximum: 100 }))
const SINCE = Type.Optional(Count)

/** Routes that look at runs: as they are, or behind any event. */
export function lookRoutes(app: App, desk: Desk): void {
  app.get(
    '/api/runs',
    { schema: { tags: ['runs'], response: answers(Type.Array(Run)) } },
    async () =>
      (await desk.list()).map(({ name, status, manifest }) => ({
        ...{ run: name, status, is_open: desk.isOpen(name) },
        ...{ mode: manifest?.mode ?? '', source: manifest?.source ?? '' },
        started_us: manifest?.startedUs ?? 0,
      })),
  )
  app.get(
    '/api/status',
    {
      schema: {
        tags: ['runs'],
        querystring: Type.Object({ run: At.run }),
        response: answers(Status),
      },
    },
    async ({ query }) => {
      const { name, dir, run } = await desk.run(query.run)
      const listed = (await desk.list()).find(one => one.name === name)
      const { tip } = run
      return {
        ...{ run: name, status: listed?.status ?? 'unknown' },
        ...{ mode: tip?.mode ?? '', source: tip?.source ?? '' },
        ...{ seq: tip?.seq ?? 0, t_us: tip?.tUs ?? 0, first_us: tip?.firstUs ?? 0 },
        log_seq: Math.max(listed?.lastSeq ?? 0, tip?.seq ?? 0),
        ...{ is_read: tip?.isRead ?? false, trouble: tip?.trouble ?? null },
        takes_commands: desk.of.isAlive(dir),
        snapshots: tip?.snapshots ?? { count: 0, bytes: 0, every_events: 0 },
      }
    },
  )
  app.get(
    '/api/moment',
    { schema: { tags: ['runs'], querystring: Type.Object(At), response: answers(Moment) } },
    async ({ query: { run, at } }) => await (await desk.runAt(run, at)).run.ask('moment', { at }),
  )
  app.get(
    '/api/timeline',
    {
      schema: {
        tags: ['runs'],
        querystring: Type.Object({ run: At.run }),
        response: answers(Timeline),
      },
    },
    async ({ query: { run } }) => await (await desk.run(run)).run.ask('timeline', undefined),
  )
  app.get(
    '/api/step',
    {
      schema: {
        tags: ['runs'],
        querystring: Type.Object({
          run: At.run,
          from: Count,
          direction: Type.Optional(Type.Union([Type.Literal('next'), Type.Literal('last')])),
        }),
        response: answers(Step),
      },
    },
    async ({ query: { run, from, direction } }) =>
      await (await desk.run(run)).run.ask('step', { from, isBack: direction === 'last' }),
  )
  app.get(
    '/api/why',
    {
      schema: {
        tags: ['runs'],
        querystring: Type.Object({
          run: At.run,
          of: Type.String({
            pattern: '^(signal|order|seq):',
            maxLength: 220,
            description: 'signal:ID, order:ID or seq:N',
          }),
        }),
        response: answers(Why),
      },
    },
    async ({ query: { run, of } }) => await (await desk.run(run)).run.ask('why', { target: of }),
  )
  app.get(
    '/api/markets',
    {
      schema: {
        tags: ['markets'],
        querystring: Type.Object({
          ...At,
          ...Page,
          search: Type.Optional(Type.String({ maxLength: 200 })),
        }),
        response: pageOf(Market),
      },
    },
    async ({ query: { run, at, limit = LIMIT, offset = 0, search } }, reply) => {
      const { items, total } = await (
        await desk.runAt(run, at)
      ).run.ask('markets', { at, limit, offset, search })
      void reply.header('x-total-count', total)
      return items
    },
  )
  app.get(
    '/api/markets/:id',
    {
      schema: {
        tags: ['markets'],
        params: Id,
        querystring: Type.Object({ ...At, depth: Depth }),
        response: answers(MarketPage),
      },
    },
    async ({ params: { id }, query: { run, at, depth } }) =>
      await (await desk.runAt(run, at)).run.ask('market', { id, at, depth }),
  )
  app.get(
    '/api/book',
    {
      schema: {
        tags: ['markets'],
        querystring: Type.Object({ ...At, token: Count, depth: Depth }),
        response: answers(Type.Object({ seq: Count, ...Book.properties })),
      },
    },
    async ({ query: { run, at, token, depth } }) =>
      await (await desk.runAt(run, at)).run.ask('book', { at, token, depth }),
  )
  app.get(
    '/api/heatmap',
    {
      schema: {
        tags: ['markets'],
        description: 'Liquidity over so many events behind `from`.',
        querystring: Type.Object({
          run: At.run,
          token: Count,
          from: Count,
          events: Type.Optional(
            Type.Integer({ minimum: 1, maximum: EVENTS_MAX, description: 'default 100000' }),
          ),
          columns: Type.Optional(Type.Integer({ minimum: 1, maximum: PAGE_MAX })),
        }),
        response: answers(Heatmap),
      },
    },
    async ({ query: { run, token, from, events = 100_000, columns = 100 } }) =>
      await (await desk.run(run)).run.ask('heatmap', { token, from, to: from + events, columns }),
  )
  app.get(
    '/api/signals',
    {
      schema: {
        tags: ['signals'],
        querystring: Type.Object({
          ...At,
          ...Page,
          level: Type.Optional(Level),
          since: SINCE,
        }),
        response: pageOf(Signal),
      },
    },
    async ({ query: { run, at, limit = LIMIT, offset = 0, level, since } }, reply) => {
      const { items, total } = await (
        await desk.runAt(run, at)
      ).run.ask('signals', { at, limit, offset, level, sinceMs: since })
      void reply.header('x-total-count', total)
      return items
    },
  )
  app.get(
    '/api/signals/:id',
    {
      schema: {
        tags: ['signals'],
        params: Id,
        querystring: Type.Object({ run: At.run }),
        response: answers(Signal),
      },
    },
    async ({ params: { id }, query: { run } }) =>
      await (await desk.run(run)).run.ask('signal', { id }),
  )
  app.get(
    '/api/orders',
    {
      schema: {
        tags: ['orders'],
        querystring: Type.Object({
          ...At,
          ...Page,
          owner: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
        }),
        response: pageOf(Order),
      },
    },
    async ({ query: { run, at, limit = LIMIT, offset = 0, owner } }, reply) => {
      const { items, total } = await (
        await desk.runAt(run, at)
      ).run.ask('orders', { at, limit, offset, owner })
      void reply.header('x-total-count', total)
      return items
    },
  )
  app.get(
    '/api/kpi/daily',
    {
      schema: {
        tags: ['signals'],
        querystring: Type.Object(At),
        response: answers(Type.Array(Kpi)),
      },
    },
    async ({ query: { run, at } }) => await (await desk.runAt(run, at)).run.ask('kpis', { at }),
  )
  app.get(
    '/api/calibration',
    { schema: { tags: ['orders'], querystring: Type.Object(At), response: answers(Calibration) } },
    async ({ query: { run, at } }) =>
      await (await desk.runAt(run, at)).run.ask('calibration', { at }),
  )
}

/** Events that a heat map may go over at most. */
const EVENTS_MAX = 1_000_000

import { randomUUID } from 'node:crypto'
import Type from 'typebox'
import { proposalText, refusalText, type Proposal } from '#projections/desk/intents.js'
import { At, Count, orNull } from '../shapes/common.js'
import { CommandRequest, Intent, IntentRequest } from '../shapes/execution.js'
import type { Desk, Heard, Opened, Told } from '../server/desk.js'
import { through } from '../server/doors.js'
import { Refused } from '../server/problems.js'
import { answers, WITH_KEY, type App } from '../server/typed.js'

/** How long a write waits until what it wrote was read back from the log, ms. */
const READ_BACK_MS = 5_000
/** How the log names who writes here. */
const BY = 'api key'
const OfRun = Type.Object({ run: At.run })
const Status = Type.Optional(
  Type.Union([
    Type.Literal('suggested'),
    Type.Literal('expired'),
    Type.Literal('rejected'),
    Type.Literal('sent'),
    Type.Literal('filled'),
    Type.Literal('pending', { description: 'suggested' }),
  ]),
)

/** Routes that write. Each write is an operator's command in the log of the run, through the way that every operator takes. */
export function actRoutes(app: App, desk: Desk): void {
  /** Confirmations under way, so that two of one intent are one. */
  const confirming = new Map<string, Promise<Intent>>()
  const judging = () => ({ policy: desk.of.policy, nowMs: desk.of.nowMs() })

  const say = async ({ dir, run }: Opened, what: Told): Promise<number> => {
    const heard = await desk.of.tell(dir, { ...what, by: BY }).catch((error: unknown): Heard => {
      const message = error instanceof Error ? error.message : String(error)
      throw new Refused(409, message, { where: 'run', expected: 'a run whose process is alive' })
    })
    if ('error' in heard) throw new Refused(409, heard.error.message, heard.error)
    if ('unchanged' in heard) return 0
    if (!(await run.reached(heard.seq, READ_BACK_MS)))
      throw new Refused(503, `event ${heard.seq} is durable, but was not read back yet`)
    return heard.seq
  }

  app.post(
    '/api/rules',
    {
      schema: {
        tags: ['signals'],
        ...WITH_KEY,
        body: Type.Object(
          {
            name: Type.String({ minLength: 1, maxLength: 100 }),
            dsl: Type.String({ minLength: 1, maxLength: 32_000 }),
          },
          { additionalProperties: false },
        ),
        response: answers(Type.Object({ rule_id: Type.String() }), 409, 415, 501),
      },
    },
    async ({ body }) => await through(desk.of.doors.rules, 'rules').put(body),
  )
  app.post(
    '/api/alerts/test',
    {
      schema: {
        tags: ['signals'],
        ...WITH_KEY,
        body: Type.Object(
          { text: Type.String({ minLength: 1, maxLength: 4_000 }) },
          { additionalProperties: false },
        ),
        response: answers(Type.Object({ status: Type.String() }), 415, 501),
      },
    },
    async ({ body }) => await through(desk.of.doors.alerts, 'alerts').test(body.text),
  )
  app.post(
    '/api/command',
    {
      schema: {
        tags: ['runs'],
        ...WITH_KEY,
        querystring: OfRun,
        body: CommandRequest,
        response: answers(Type.Object({ seq: orNull(Count) }), 409, 415),
      },
    },
    async ({ query, body }) => {
      const { command, text, scope } = body
      const seq = await say(await desk.run(query.run), {
        command,
        ...(text !== undefined && { text }),
        ...(scope !== undefined && { scope }),
      })
      return { seq: seq === 0 ? null : seq }
    },
  )
  app.post(
    '/api/execution/intent',
    {
      schema: {
        tags: ['execution'],
        ...WITH_KEY,
        querystring: OfRun,
        body: IntentRequest,
        response: answers(Intent, 409, 415),
      },
    },
    async ({ query, body }) => {
      const opened = await desk.run(query.run)
      const intent = `i-${randomUUID()}`
      const request = { ...body, intent }
      const { proposal, shown } = await opened.run.ask('propose', { request, judging: judging() })
      if (!desk.of.isAlive(opened.dir)) return withNote(shown, OVER)
      await say(opened, { command: 'note', text: proposalText(proposal) })
      return await intentOf(opened, intent)
    },
  )
  app.post(
    '/api/execution/confirm/:id',
    {
      schema: {
        tags: ['execution'],
        ...WITH_KEY,
        params: Type.Object({ id: Type.String({ minLength: 1, maxLength: 100 }) }),
        querystring: OfRun,
        response: answers(Intent, 409, 415),
      },
    },
    async ({ query, params: { id } }) => {
      const opened = await desk.run(query.run)
      const key = `${opened.name}|${id}`
      const under = confirming.get(key) ?? confirm(opened, id)
      confirming.set(key, under)
      return await under.finally(() => confirming.delete(key))
    },
  )
  app.get(
    '/api/execution/intents',
    {
      schema: {
        tags: ['execution'],
        querystring: Type.Object({ run: At.run, status: Status }),
        response: answers(Type.Object({ items: Type.Array(Intent) })),
      },
    },
    async ({ query: { run, status } }) => {
      const items = await (await desk.run(run)).run.ask('intents', judging())
      const wanted = status === 'pending' ? 'suggested' : status
      return { items: items.filter(one => wanted === undefined || one.status === wanted) }
    },
  )

  async function intentOf({ run }: Opened, id: string): Promise<Intent> {
    const found = await run.ask('intent', { id, judging: judging() })
    if (found) return found.intent
    throw new Refused(404, `there is no intent '${id}'`, { expected: 'of /api/execution/intents' })
  }

  /** Confirms an intent once: what it has become already is answered as it is. */
  async function confirm(opened: Opened, id: string): Promise<Intent> {
    const found = await opened.run.ask('judge', { id, judging: judging() })
    if (!found) return await intentOf(opened, id)
    const { intent, proposal, verdict } = found
    if (intent.status === 'expired')
      throw new Refused(409, `the intent waited longer than ${intent.ttl_secs} s`, {
        expected: 'a new intent',
      })
    if (intent.status !== 'suggested') return intent
    if (!desk.of.isAlive(opened.dir))
      throw new Refused(409, OVER, { where: 'run', expected: 'a run whose process is alive' })
    if (verdict.approved) await say(opened, orderOf(proposal))
    else await say(opened, { command: 'note', text: refusalText(id, verdict.reasons) })
    return await intentOf(opened, id)
  }
}

const OVER = 'no process runs this run: a verdict is all that there is'

const orderOf = ({ intent, legs, signal }: Proposal): Told => ({
  ...{ command: 'order', intent, legs, tif: 'FAK', text: `confirmed: ${signal}` },
})

const withNote = (intent: Intent, note: string): Intent => ({
  ...intent,
  detail_json: { ...intent.detail_json, note },
})

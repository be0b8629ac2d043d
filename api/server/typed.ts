import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import type {
  FastifyInstance,
  FastifyBaseLogger,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify'
import Type, { type TSchema } from 'typebox'
import { Problem } from '../shapes/common.js'

/** A server whose handlers see what their schemas say. */
export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>

/** How many there are in all, of which a page is answered. */
const PAGED = {
  'x-total-count': { schema: Type.Integer({ minimum: 0 }), description: 'entries in all' },
}

/** What a route may answer: what is asked for, or a problem. */
export const answers = <const S extends TSchema>(of: S, ...problems: readonly number[]) => ({
  200: of,
  ...problemsOf([400, 401, 403, 404, 421, 429, 503, ...problems]),
})

/** The same of a page of a list. */
export const pageOf = <const S extends TSchema>(of: S, ...problems: readonly number[]) => ({
  ...answers(Type.Array(of), ...problems),
  200: Type.Array(of, { headers: PAGED }),
})

function problemsOf(statuses: readonly number[]): Record<number, object> {
  const content = { 'application/problem+json': { schema: Problem } }
  return Object.fromEntries(
    statuses.map(status => [status, { description: 'what went wrong', content }]),
  )
}

/** Routes that only a key may use, as OpenAPI says it. */
export const WITH_KEY = { security: [{ key: [] }] }

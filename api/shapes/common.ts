import Type, { type Static } from 'typebox'

/** A whole number that JSON carries exactly. */
export const Whole = Type.Integer({
  minimum: -Number.MAX_SAFE_INTEGER,
  maximum: Number.MAX_SAFE_INTEGER,
})
/** A count, sequence number or time that is never below zero. */
export const Count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
/** A price in 1e-4 dollar. */
export const PriceE4 = Type.Integer({ minimum: 0, maximum: 10_000 })
/** A price in dollars, as the earlier system's endpoints have it. */
export const Dollars = Type.Number()
/** Anything or nothing. */
export const orNull = <const S extends Parameters<typeof Type.Union>[0][number]>(of: S) =>
  Type.Union([of, Type.Null()])
/** A short text that comes from outside. */
export const Name = Type.String({ minLength: 1, maxLength: 200 })

/** What went wrong: RFC 9457, with where it was and what was expected. */
export const Problem = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    where: Type.Optional(Type.String()),
    expected: Type.Optional(Type.String()),
  },
  { $id: 'Problem', description: 'What went wrong, where, and what was expected.' },
)
export type Problem = Static<typeof Problem>

/** Which run, and behind which event of it; both may be left out. */
export const At = {
  run: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 200,
      description: 'a run of /api/runs; absent: the first',
    }),
  ),
  at: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: Number.MAX_SAFE_INTEGER,
      description: 'behind this event; absent: as it is now',
    }),
  ),
}
/** Most entries of one page. */
export const PAGE_MAX = 200
/** A page of a list. */
export const Page = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: PAGE_MAX, description: 'default 20' })),
  offset: Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })),
}
/** How urgent a signal is. */
export const Level = Type.Union([Type.Literal('P1'), Type.Literal('P2'), Type.Literal('P3')])
/** Two whole numbers. */
export const Pair = Type.Array(Whole, { minItems: 2, maxItems: 2 })
/** Buy or sell. */
export const SideName = Type.Union([Type.Literal('buy'), Type.Literal('sell')])

import type * as t from 'io-ts'

/** What io-ts found wrong, one sentence: where, what was there, what was expected. */
export function failuresOf(errors: t.Errors): string {
  const seen = new Set(
    errors.map(({ context, value }) => {
      const path = context
        .map(({ key }) => key)
        .filter(key => key !== '' && Number.isNaN(Number(key)))
      const expected = context[context.length - 1]?.type.name ?? 'something else'
      return `${path.join('.') || 'value'} is ${shortly(value)}, expected ${expected}`
    }),
  )
  return [...seen].slice(0, 3).join('; ')
}

function shortly(value: unknown): string {
  const json = value === undefined ? 'missing' : JSON.stringify(value)
  return json.length > 60 ? `${json.slice(0, 57)}…` : json
}

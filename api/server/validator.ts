import type { FastifySchemaCompiler } from 'fastify'
import type { TSchema } from 'typebox'
import { Compile } from 'typebox/compile'

/** A number as an address or a header has it; anything else stays the text that it is, and is refused where a number is wanted. */
const NUMBER = /^-?(0|[1-9]\d{0,18})(\.\d{1,12})?$/

/** Checks bodies as they are, and all else with numbers read where the schema wants numbers. Nothing else is converted, ever. */
export const validator: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const check = Compile(schema)
  const numbers = httpPart === 'body' ? [] : numbersOf(schema)
  return (value: unknown) => {
    const read = numbers.length === 0 ? value : withNumbers(value, numbers)
    if (check.Check(read)) return { value: read }
    const [first] = check.Errors(read)
    const where = `${httpPart ?? 'request'}${first?.instancePath ?? ''}`
    return { error: new Error(`${where} ${first?.message ?? 'does not fit'}`) }
  }
}

/** Names of the properties that are numbers. */
function numbersOf(schema: TSchema): readonly string[] {
  const { properties = {} } = schema as { properties?: Readonly<Record<string, { type?: string }>> }
  return Object.entries(properties).flatMap(([name, { type }]) =>
    type === 'integer' || type === 'number' ? [name] : [],
  )
}

function withNumbers(value: unknown, names: readonly string[]): unknown {
  if (typeof value !== 'object' || value === null) return value
  const read: Record<string, unknown> = { ...value }
  for (const name of names) {
    const text = read[name]
    if (typeof text === 'string' && NUMBER.test(text)) read[name] = Number(text)
  }
  return read
}

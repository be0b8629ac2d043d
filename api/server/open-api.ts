/** A description of the API as OpenAPI 3.1 wants it: a list of schemas for the places of an array is called `prefixItems` there. */
export function asOpenApi(of: unknown): unknown {
  if (Array.isArray(of)) return of.map(asOpenApi)
  if (typeof of !== 'object' || of === null) return of
  const entries = Object.entries(of).map(([key, value]: [string, unknown]) =>
    key === 'items' && Array.isArray(value)
      ? (['prefixItems', asOpenApi(value)] as const)
      : ([key, asOpenApi(value)] as const),
  )
  return Object.fromEntries(entries.filter(([key]) => key !== 'additionalItems'))
}

import { isObject, jsonOf, textIn } from './texts.js'

/** Positions of a page of the Data API: sizes in 1e-6 share by token; undefined where it cannot be read. */
export function positionsIn(
  text: string,
): { sizes: Map<string, number>; next: string } | undefined {
  const value = jsonOf(text)
  if (!isObject(value) || !Array.isArray(value['data'])) return undefined
  const sizes = new Map<string, number>()
  for (const row of value['data'] as readonly unknown[]) {
    if (!isObject(row)) return undefined
    const token = textIn(row, 'token_id')
    // A double: enough to know that there is something; its size is asked of the CLOB.
    const size = Number(textIn(row, 'current_size'))
    if (token === '' || !Number.isFinite(size)) return undefined
    if (size > 0) sizes.set(token, (sizes.get(token) ?? 0) + Math.ceil(size * 1e6))
  }
  const page = value['pagination']
  return { sizes, next: isObject(page) ? textIn(page, 'next_cursor') : '' }
}

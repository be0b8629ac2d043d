import { resolve } from 'node:path'

/** Path of a small recording that we wrote in a venue's shape. The compiled tests read the source tree. */
export const fixture = (name: string): string =>
  resolve(import.meta.dirname, '../../../../engine/feeds/recorded/fixtures', name)

import { createHash } from 'node:crypto'
import type { DayCount, Post, Tracking } from '#schemas/harvest.js'
import type { EventOf } from '#schemas/registry.js'
import { Row, RowFault, rowsOf, type Refused } from './row.js'

/** Longest text of a post, and of the JSON of one, that is kept. */
const [TEXT_MAX, RAW_MAX] = [20_000, 40_000]

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex')

/** What an account is. */
export type Account = EventOf<'AccountReported'>['data']

/** `data` of an answer in the envelope of XTracker; undefined where it is in no such one. Source: recorded 2026-04-09. */
export function dataOf(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('success' in value) || !('data' in value))
    return undefined
  return value.success === true ? value.data : undefined
}

/** `GET /users/{handle}`. Throws a `RowFault`. */
export function accountOf(value: unknown): Account {
  const row = new Row(value)
  return {
    account: row.id('id'),
    handle: row.id('handle'),
    platform: row.text('platform'),
    platformId: row.text('platformId'),
    name: row.text('name'),
    avatar: row.text('avatarUrl'),
    bio: row.text('bio'),
    verified: row.flag('verified'),
    posts: postsOf(row.get('_count')),
    synced: row.timeIfSaid('lastSync'),
    created: row.timeIfSaid('createdAt'),
    updated: row.timeIfSaid('updatedAt'),
  }
}

function postsOf(count: unknown): number {
  if (typeof count !== 'object' || count === null || !('posts' in count)) return -1
  return new Row(count).count('posts')
}

/** `GET /users/{handle}/trackings`. */
export const trackingsIn = (list: unknown, refused: Refused): Tracking[] | undefined =>
  rowsOf(list, refused, row => {
    const [starts, ends] = [row.time('startDate'), row.time('endDate')]
    if (ends < starts) throw new RowFault('endDate', 'after startDate')
    return {
      ...{ id: row.id('id'), title: row.text('title'), starts, ends },
      ...{ active: row.flag('isActive'), link: row.text('marketLink') },
    }
  })

/** `GET /metrics/{userId}?type=daily`. */
export const countsIn = (list: unknown, refused: Refused): DayCount[] | undefined =>
  rowsOf(list, refused, row => {
    const data = new Row(row.get('data'))
    const [count, total] = [data.count('count'), data.count('cumulative')]
    if (count < 0 || total < count) throw new RowFault('cumulative', 'at least the count')
    return {
      id: row.id('id'),
      tracking: data.id('trackingId'),
      day: row.time('date'),
      count,
      total,
    }
  })

/** `GET /users/{handle}/posts`, with each post as it was written. */
export const postsIn = (list: unknown, refused: Refused): Post[] | undefined =>
  rowsOf(list, refused, row => {
    const raw = JSON.stringify(rawOf(row))
    const text = row.text('content')
    if (text.length > TEXT_MAX || raw.length > RAW_MAX)
      throw new RowFault('content', `at most ${TEXT_MAX} characters`)
    return {
      ...{ id: row.id('platformId'), source: row.id('id'), text },
      ...{
        posted: row.time('createdAt'),
        imported: row.timeIfSaid('importedAt'),
        hash: digestOf(text),
        raw,
      },
    }
  })

const KEYS = ['id', 'userId', 'platformId', 'content', 'createdAt', 'importedAt', 'metrics']
const rawOf = (row: Row): object => Object.fromEntries(KEYS.map(key => [key, row.get(key) ?? null]))

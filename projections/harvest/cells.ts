import type { EventOf } from '#schemas/registry.js'
import { isoOf } from '../iso.js'
import type { Cell } from './change.js'
import { postFacts } from './post-facts.js'

/** 0 or 1. */
export const flag = (is: boolean): number => (is ? 1 : 0)
/** A time; empty: not said. */
export const time = (us: number): string => (us === 0 ? '' : isoOf(us))
/** A decimal of whole units; below 0: not said. */
export const decimal = (units: number, one: number): number | null =>
  units < 0 ? null : units / one

/** A row of `dim_account`. */
export function accountCells(of: EventOf<'AccountReported'>['data']): readonly Cell[] {
  return [
    ...[of.account, of.handle, of.platformId, of.platform, of.name, of.avatar, of.bio],
    ...[flag(of.verified), of.posts < 0 ? null : of.posts],
    ...[time(of.synced), time(of.created), time(of.updated)],
  ]
}

/** A row of `fact_tweet_post`. */
export function postCells(
  account: string,
  post: EventOf<'PostsReported'>['data']['rows'][number],
  tUs: number,
): readonly Cell[] {
  const { isReply, isRetweet, hasUrl, language, length } = postFacts(post.text)
  return [
    ...[post.id, account, post.source, post.text, time(post.posted), time(post.imported)],
    ...[flag(isReply), flag(isRetweet), flag(hasUrl), language, length, post.hash, post.raw],
    isoOf(tUs),
  ]
}

/** A row of `dim_event`. */
export function groupCells(of: EventOf<'MarketGroupDescribed'>['data']): readonly Cell[] {
  return [
    ...[of.id, of.slug, of.ticker, of.title, of.category],
    ...[flag(of.active), flag(of.closed), flag(of.archived), time(of.starts), time(of.ends)],
  ]
}

/** A row of `dim_market`. */
export function marketCells(
  of: EventOf<'MarketDescribed'>['data'],
  state: readonly number[] | undefined,
  tUs: number,
): readonly Cell[] {
  const [active = null, closed = null, archived = null, ...amounts] = state ?? []
  const [spread = -1, liquidity = -1, volume = -1] = amounts
  return [
    ...[
      of.condition,
      of.id,
      of.condition,
      of.question,
      of.slug,
      of.groupSlug,
      of.groupId,
      of.category,
    ],
    ...[time(of.starts), time(of.ends), flag(of.negRisk), flag(of.augmented)],
    ...[active, closed, archived],
    ...[decimal(spread, 1_000_000), decimal(liquidity, 1_000_000), decimal(volume, 1_000_000)],
    ...[of.resolution, time(of.updated), isoOf(tUs)],
  ]
}

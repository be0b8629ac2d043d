import { createHash } from 'node:crypto'
import type { Post } from '#schemas/harvest.js'
import { CursorMoved, PostsReported } from '#schemas/events/harvest.js'
import { dataOf, postsIn } from '../decode/xtracker.js'
import { postKey } from '../memory.js'
import { wantedAccounts } from './accounts.js'
import type { Collector, Context } from './job.js'
import type { Outcome } from './outcome.js'

/** Most posts of one event, and most characters of all of them: a commit has a bound. */
const [POSTS_MAX, CHARACTERS_MAX] = [200, 200_000]

/**
 * Posts. The source always says all of them: where the digest of its answer is the one of before there is nothing to do, and the run says that it
 * looked.
 */
export const postSync: Collector = {
  job: 'post_sync',
  from: 'xtracker',
  run: async (of, out) => {
    for (const { account, handle } of wantedAccounts(of, out)) {
      const since =
        of.sinceUs === undefined ? '' : `?startDate=${new Date(of.sinceUs / 1_000).toISOString()}`
      const path = `/users/${encodeURIComponent(handle)}/posts${since}`
      const answer = out.answered(await of.fetcher.get('xtracker', path))
      if (!answer) continue
      const digest = createHash('sha256').update(answer.text).digest('hex')
      const cursor = `xtracker:${handle}:posts_hash`
      if (of.memory.cursors.get(cursor) === digest) continue
      const posts = postsIn(dataOf(answer.value), out.refused)
      if (posts) taken(posts, { account, handle, digest, cursor }, of, out)
      else out.misshaped('a list of posts')
    }
  },
}

function taken(
  posts: readonly Post[],
  {
    account,
    handle,
    digest,
    cursor,
  }: { account: string; handle: string; digest: string; cursor: string },
  { memory, sinceUs }: Context,
  out: Outcome,
): void {
  const once = new Map(posts.map(post => [post.id, post]))
  if (once.size < posts.length) out.detail['repeated'] = posts.length - once.size
  const fresh = [...once.values()]
    .filter(({ id, raw }) => memory.texts.get(postKey(id)) !== raw)
    .sort((a, b) => a.posted - b.posted || (a.id < b.id ? -1 : 1))
  for (const rows of bounded(fresh)) out.say(PostsReported.make({ account, rows }), rows.length)
  // What was refused is looked at again; a part of the list has another digest than the list.
  if (out.refused.count > 0 || sinceUs !== undefined) return
  out.say(
    CursorMoved.make({ key: cursor, value: digest, meta: JSON.stringify({ posts: once.size }) }),
    0,
  )
  const newest = [...once.values()].sort((a, b) => b.posted - a.posted || (a.id < b.id ? 1 : -1))[0]
  const key = `xtracker:${handle}:last_post_id`
  if (newest && memory.cursors.get(key) !== newest.id)
    out.say(
      CursorMoved.make({ key, value: newest.id, meta: JSON.stringify({ posted: newest.posted }) }),
      0,
    )
}

/** The posts in parts that fit an event each. */
function bounded(posts: readonly Post[]): Post[][] {
  const parts: Post[][] = []
  let length = Number.POSITIVE_INFINITY
  for (const post of posts) {
    const own = post.raw.length + post.text.length
    const part = parts.at(-1)
    if (!part || part.length >= POSTS_MAX || length + own > CHARACTERS_MAX) {
      parts.push([post])
      length = own
    } else {
      part.push(post)
      length += own
    }
  }
  return parts
}

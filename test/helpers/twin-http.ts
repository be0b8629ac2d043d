import type { WallClock } from '#engine/core/wall-clock.js'
import type { HttpAnswer, HttpPort } from '#engine/harvest/ports.js'
import type { TwinSources } from '#twin/collected/sources.js'

/** The base of a source that no network is asked for. */
export const TWIN = 'http://twin'

/** The sources of a twin in this process, by a clock: what takes time takes it of the clock. */
export function twinHttp(twin: TwinSources, clock: WallClock): HttpPort {
  const after = (ms: number): Promise<void> =>
    new Promise(resolve => void clock.wakeAt(clock.nowUs() + ms * 1_000, resolve))
  return {
    ask: async ({ url, method, body = '' }, signal): Promise<HttpAnswer> => {
      const { pathname: path, searchParams: query } = new URL(url)
      const answer = twin.answer({ method, path, query, headers: {}, body })
      if (answer.never === 'hang')
        return await new Promise(resolve => {
          const stopped = { tag: 'failed', why: 'stopped', message: 'stopped' } as const
          signal.addEventListener('abort', () => resolve(stopped), { once: true })
        })
      await after(5 + twin.delayMs)
      if (answer.never === 'reset')
        return { tag: 'failed', why: 'network', message: 'socket hang up' }
      const seconds = Number(answer.headers?.['retry-after'])
      const retryAfterMs = seconds > 0 ? seconds * 1_000 : undefined
      return { tag: 'answer', status: answer.status, text: answer.body, retryAfterMs }
    },
  }
}

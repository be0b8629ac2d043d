import { createContext, useCallback, useContext, useEffect, useMemo, useRef, useState } from 'react'
import type { ReactNode } from 'react'
import { addressOf, ask, listen } from './api.js'
import type { Status, Step, Timeline } from './shapes.js'
import { useApi } from './use-api.js'

/** Speeds of play: event time in one second of ours. */
export const SPEEDS = [1, 10, 60, 100, 300, 1_000] as const
/** How often play goes on, ms. */
const FRAME_MS = 100

/** Where the desk stands: which run, and behind which event; `at` undefined: as it is now. */
export interface Travel {
  readonly run: string
  readonly setRun: (run: string) => void
  readonly at: number | undefined
  readonly goTo: (at: number | undefined) => void
  /** To the next thing that the run did, or the last. */
  readonly step: (direction: 'next' | 'last') => void
  /** By single events. */
  readonly nudge: (by: number) => void
  readonly isPlaying: boolean
  readonly setPlaying: (plays: boolean) => void
  readonly speed: number
  readonly setSpeed: (speed: number) => void
  readonly status: Status | undefined
  readonly timeline: Timeline | undefined
  /** Grows with every message of the stream that changes what is shown. */
  readonly news: number
  readonly isListening: boolean
  readonly lost: string | undefined
  readonly forgive: () => void
  /** Parts of every question: which run, and behind which event. */
  readonly of: { readonly run: string; readonly at: number | undefined }
}

const Context = createContext<Travel | undefined>(undefined)

export function useTravel(): Travel {
  const travel = useContext(Context)
  if (!travel) throw new Error('outside of a run')
  return travel
}

export function TravelProvider({ first, children }: { first: string; children: ReactNode }) {
  const [run, setRunOnly] = useState(first)
  const [at, setAt] = useState<number | undefined>()
  const [isPlaying, setPlaying] = useState(false)
  const [speed, setSpeed] = useState<number>(60)
  const [news, setNews] = useState(0)
  const [isListening, setListening] = useState(false)
  const [lost, setLost] = useState<string | undefined>()
  const status = useApi<Status>(addressOf('status', { run }), 1_000).body
  const isLive = status !== undefined && !status.is_read ? 1_000 : 5_000
  const timeline = useApi<Timeline>(addressOf('timeline', { run }), isLive).body
  const lastSeq = Math.max(status?.seq ?? 0, timeline?.last_seq ?? 0)

  const setRun = useCallback((name: string) => {
    setRunOnly(name)
    setAt(undefined)
    setPlaying(false)
    setLost(undefined)
  }, [])
  const goTo = useCallback((to: number | undefined) => {
    setAt(to === undefined ? undefined : Math.max(1, Math.round(to)))
  }, [])
  const here = at ?? lastSeq
  const nudge = useCallback(
    (by: number) => {
      setPlaying(false)
      goTo(Math.min(Math.max(1, here + by), Math.max(1, lastSeq)))
    },
    [here, lastSeq, goTo],
  )
  const step = useCallback(
    (direction: 'next' | 'last') => {
      setPlaying(false)
      ask<Step>(addressOf('step', { run, from: here, direction }))
        .then(({ body }) => {
          if (body.seq !== null) goTo(body.seq)
        })
        .catch(() => undefined)
    },
    [run, here, goTo],
  )

  useEffect(() => {
    const stop = new AbortController()
    let isDue = false
    void listen(run, {
      signal: stop.signal,
      onState: setListening,
      onMessage: ({ event, data }) => {
        if (event === 'lost') setLost(`${String(data['from'])} … ${String(data['to'])}`)
        if (event === 'tip' || isDue) return
        isDue = true
        setTimeout(() => {
          isDue = false
          setNews(n => n + 1)
        }, 300)
      },
    })
    return () => {
      stop.abort()
    }
  }, [run])

  usePlay({ isPlaying, speed, at: here, timeline, goTo, stop: () => setPlaying(false) })

  const value = useMemo<Travel>(
    () => ({
      ...{ run, setRun, at, goTo, step, nudge, isPlaying, setPlaying, speed, setSpeed },
      ...{ status, timeline, news, isListening, lost, of: { run, at } },
      forgive: () => setLost(undefined),
    }),
    [
      run,
      setRun,
      at,
      goTo,
      step,
      nudge,
      isPlaying,
      speed,
      status,
      timeline,
      news,
      isListening,
      lost,
    ],
  )
  return <Context.Provider value={value}>{children}</Context.Provider>
}

/** Goes through the run by its own time. */
function usePlay(of: {
  isPlaying: boolean
  speed: number
  at: number
  timeline: Timeline | undefined
  goTo: (at: number) => void
  stop: () => void
}): void {
  const now = useRef(of)
  now.current = of
  useEffect(() => {
    if (!of.isPlaying) return
    let us = timeAt(now.current.timeline, now.current.at)
    let before = performance.now()
    const timer = setInterval(() => {
      const { speed, timeline, goTo, stop } = now.current
      const ms = performance.now()
      us += (ms - before) * 1_000 * speed
      before = ms
      const seq = seqAt(timeline, us)
      goTo(seq)
      if (timeline && seq >= timeline.last_seq) stop()
    }, FRAME_MS)
    return () => {
      clearInterval(timer)
    }
  }, [of.isPlaying])
}

/** Between two steps of a run's clock, what lies in proportion between them. */
function between(
  pairs: readonly (readonly number[])[],
  of: number,
  [x, y]: [number, number],
): number {
  let [low, high] = [0, pairs.length - 1]
  if (high < 0) return 0
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if ((pairs[middle]?.[x] ?? 0) <= of) low = middle
    else high = middle
  }
  const [a, b] = [pairs[low]!, pairs[high]!]
  const span = (b[x] ?? 0) - (a[x] ?? 0)
  const part = span <= 0 ? 1 : Math.min(1, Math.max(0, (of - (a[x] ?? 0)) / span))
  return (a[y] ?? 0) + part * ((b[y] ?? 0) - (a[y] ?? 0))
}

/** The event at a time, and the time of an event. */
export const seqAt = (timeline: Timeline | undefined, us: number): number =>
  Math.round(between(timeline?.clock ?? [], us, [1, 0]))
export const timeAt = (timeline: Timeline | undefined, seq: number): number =>
  between(timeline?.clock ?? [], seq, [0, 1])

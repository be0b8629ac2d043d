import { useEffect, useRef, useState } from 'react'
import { ask, type Answer } from './api.js'

interface Asking {
  isBusy: boolean
  wanted: string | undefined
  isGone: boolean
}

/** An answer as it stands: the last good one stays while the next is on its way. */
export interface Held<T> {
  readonly body: T | undefined
  readonly total: number
  readonly fault: Error | undefined
  readonly again: () => void
}

/**
 * Asks whenever the address changes, and every so often where `everyMs` is given. Only the newest question counts: while one is under
 * way at most one more waits, so that who scrubs quickly asks as fast as the server answers and no faster.
 */
export function useApi<T>(address: string | undefined, everyMs = 0): Held<T> {
  const [answer, setAnswer] = useState<Answer<T> | undefined>()
  const [fault, setFault] = useState<Error | undefined>()
  const [round, setRound] = useState(0)
  const state = useRef<Asking>({ isBusy: false, wanted: undefined, isGone: false })
  useEffect(() => {
    const own = state.current
    own.isGone = false
    return () => {
      own.isGone = true
    }
  }, [])
  useEffect(() => {
    const own = state.current
    own.wanted = address
    const go = async (): Promise<void> => {
      if (own.isBusy) return
      own.isBusy = true
      while (own.wanted !== undefined && !own.isGone) {
        const asked = own.wanted
        own.wanted = undefined
        try {
          const got = await ask<T>(asked)
          if (isHere(own)) {
            setAnswer(got)
            setFault(undefined)
          }
        } catch (error) {
          if (isHere(own)) setFault(error instanceof Error ? error : new Error(String(error)))
        }
      }
      own.isBusy = false
    }
    void go()
    if (everyMs === 0 || address === undefined) return
    const timer = setInterval(() => {
      if (document.hidden) return
      own.wanted = address
      void go()
    }, everyMs)
    return () => {
      clearInterval(timer)
    }
  }, [address, everyMs, round])
  return {
    body: answer?.body,
    total: answer?.total ?? 0,
    fault,
    again: () => {
      setRound(n => n + 1)
    },
  }
}

/** Whether the component is still there, which may have gone while an answer was on its way. */
const isHere = (of: Asking): boolean => !of.isGone

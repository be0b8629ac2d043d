import { useEffect, useState } from 'react'
import { addressOf, keepKey, keyOf, Refused } from './lib/api.js'
import type { Run } from './lib/shapes.js'
import { TravelProvider, useTravel, SPEEDS } from './lib/travel.js'
import { useApi } from './lib/use-api.js'
import { Desk } from './pages/desk.js'
import { Health } from './pages/health.js'
import { MarketDetail } from './pages/market.js'
import { Markets } from './pages/markets.js'
import { Orders } from './pages/orders.js'
import { Modal } from './parts/modal.js'
import { KeyField } from './parts/key-field.js'
import { Scrubber } from './parts/scrubber.js'

const PAGES = [
  ['#/', 'Desk'],
  ['#/markets', 'Markets'],
  ['#/orders', 'Orders'],
  ['#/health', 'Health'],
] as const

/** The window: what runs there are, and the desk over one of them. */
export function App() {
  const { body: runs, fault, again } = useApi<Run[]>(addressOf('runs'), 10_000)
  if (fault instanceof Refused && fault.status === 401) return <KeyForm onKey={again} />
  if (!runs) return <main className="dim">{fault ? fault.message : 'looking for runs…'}</main>
  const [first] = runs
  if (!first) return <main>There is no run.</main>
  return (
    <TravelProvider first={first.run}>
      <Frame runs={runs} />
    </TravelProvider>
  )
}

function Frame({ runs }: { runs: readonly Run[] }) {
  const travel = useTravel()
  const { run, setRun, isListening, lost, forgive, status } = travel
  const hash = useHash()
  const [isHelp, setHelp] = useState(false)
  useKeys(() => setHelp(true))
  return (
    <>
      <a className="sr" href="#main">
        to the content
      </a>
      <header className="top">
        <h1>polaris</h1>
        <nav aria-label="pages">
          {PAGES.map(([to, name], k) => (
            <a
              key={to}
              href={to}
              aria-current={isAt(hash, to) ? 'page' : undefined}
              title={`key ${k + 1}`}
            >
              {name}
            </a>
          ))}
        </nav>
        <label>
          <span className="sr">run</span>
          <select value={run} onChange={event => setRun(event.target.value)}>
            {runs.map(one => (
              <option key={one.run}>{one.run}</option>
            ))}
          </select>
        </label>
        <span
          className={`dot ${isListening ? 'good' : 'bad'}`}
          title={isListening ? 'the stream is open' : 'the stream is cut'}
        >
          {status?.mode ?? ''} {status?.status ?? ''}
        </span>
        <ThemeButton />
        <button type="button" onClick={() => setHelp(true)} aria-label="keys">
          ?
        </button>
      </header>
      {lost !== undefined && (
        <p className="banner bad" role="alert">
          The stream lost events {lost}; what you see was asked anew.{' '}
          <button type="button" onClick={forgive}>
            seen
          </button>
        </p>
      )}
      {status?.trouble && (
        <p className="banner bad" role="alert">
          The log cannot be read on: {status.trouble}
        </p>
      )}
      <main id="main" tabIndex={-1}>
        <Page hash={hash} />
      </main>
      <Scrubber />
      {isHelp && <Keys onClose={() => setHelp(false)} />}
    </>
  )
}

function Page({ hash }: { hash: string }) {
  const market = /^#\/market\/(.+)$/.exec(hash)?.[1]
  if (market !== undefined) return <MarketDetail key={market} id={decodeURIComponent(market)} />
  if (hash === '#/markets') return <Markets />
  if (hash === '#/orders') return <Orders />
  if (hash === '#/health') return <Health />
  return <Desk />
}

const isAt = (hash: string, to: string): boolean =>
  to === '#/'
    ? hash === '' || hash === '#/'
    : hash === to || (to === '#/markets' && hash.startsWith('#/market/'))

function useHash(): string {
  const [hash, setHash] = useState(location.hash)
  useEffect(() => {
    const look = (): void => setHash(location.hash)
    addEventListener('hashchange', look)
    return () => removeEventListener('hashchange', look)
  }, [])
  return hash
}

const KEYS: readonly (readonly [string, string])[] = [
  ['1 2 3 4', 'desk, markets, orders, health'],
  ['space', 'play, or stop playing'],
  ['← →', 'one event back or on; with shift a thousand'],
  ['[ ]', 'the last or next thing that the run did: signal, order, fill, command, stop'],
  ['+ −', 'faster, slower'],
  ['l', 'as it is now'],
  ['/', 'search markets'],
  ['?', 'this list'],
  ['Esc', 'close'],
]

/** Everything goes by keys; none is taken while somebody writes. */
function useKeys(help: () => void): void {
  const { step, nudge, goTo, isPlaying, setPlaying, speed, setSpeed } = useTravel()
  useEffect(() => {
    const faster = (by: 1 | -1): void => {
      const k = SPEEDS.findIndex(one => one === speed)
      setSpeed(SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, k + by))] ?? speed)
    }
    const onKey = (event: KeyboardEvent): void => {
      const target = event.target as HTMLElement
      const isField =
        /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName) &&
        (target as HTMLInputElement).type !== 'range'
      if (
        event.ctrlKey ||
        event.metaKey ||
        event.altKey ||
        isField ||
        document.querySelector('dialog[open]')
      )
        return
      const acts: Readonly<Record<string, () => void>> = {
        ' ': () => setPlaying(!isPlaying),
        ArrowLeft: () => nudge(event.shiftKey ? -1_000 : -1),
        ArrowRight: () => nudge(event.shiftKey ? 1_000 : 1),
        '[': () => step('last'),
        ']': () => step('next'),
        l: () => {
          setPlaying(false)
          goTo(undefined)
        },
        '+': () => faster(1),
        '=': () => faster(1),
        '-': () => faster(-1),
        '?': help,
        '/': () => {
          location.hash = '#/markets'
          setTimeout(() => document.getElementById('search')?.focus(), 50)
        },
      }
      const page = PAGES[Number(event.key) - 1]
      if (page) location.hash = page[0]
      const act = acts[event.key]
      // A button that has the focus has the space key.
      if (event.key === ' ' && target.tagName === 'BUTTON') return
      if (!act) return
      event.preventDefault()
      act()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  })
}

function Keys({ onClose }: { onClose: () => void }) {
  return (
    <Modal title="Keys" onClose={onClose}>
      <dl>
        {KEYS.map(([key, what]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </Modal>
  )
}

const THEME = 'polaris-theme'

function ThemeButton() {
  const [theme, setTheme] = useState(localStorage.getItem(THEME) ?? '')
  useEffect(() => {
    document.documentElement.dataset['theme'] = theme
    localStorage.setItem(THEME, theme)
  }, [theme])
  const isLight =
    theme === 'light' || (theme === '' && matchMedia('(prefers-color-scheme: light)').matches)
  return (
    <button
      type="button"
      onClick={() => setTheme(isLight ? 'dark' : 'light')}
      aria-label={isLight ? 'dark colours' : 'light colours'}
    >
      {isLight ? '☾' : '☀'}
    </button>
  )
}

function KeyForm({ onKey }: { onKey: () => void }) {
  const [key, setKey] = useState(keyOf())
  return (
    <main>
      <form
        className="card"
        onSubmit={event => {
          event.preventDefault()
          keepKey(key)
          onKey()
        }}
      >
        <h1>polaris</h1>
        <p>This server wants a key. It is kept for as long as this tab is open.</p>
        <KeyField value={key} onChange={setKey} />
        <button type="submit">open</button>
      </form>
    </main>
  )
}

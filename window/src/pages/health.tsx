import { useState } from 'react'
import { addressOf, keepKey, keyOf, write } from '../lib/api.js'
import { count } from '../lib/format.js'
import type { Calibration, Moment } from '../lib/shapes.js'
import { useTravel } from '../lib/travel.js'
import { useApi } from '../lib/use-api.js'
import { KeyField } from '../parts/key-field.js'

interface Healthz {
  readonly status: string
  readonly db: string
  readonly rules_heartbeat: string
  readonly heartbeat_age_ms: number | null
  readonly trouble: string | null
}

/** Health, gates, calibration, and what the operator may say. */
export function Health() {
  const { of, status } = useTravel()
  const health = useApi<Healthz>(addressOf('healthz', { run: of.run }), 5_000).body
  const moment = useApi<Moment>(addressOf('moment', of), of.at === undefined ? 2_000 : 0).body
  const calibration = useApi<Calibration>(
    addressOf('calibration', of),
    of.at === undefined ? 5_000 : 0,
  ).body
  return (
    <div className="columns even">
      <section className="card" aria-label="health">
        <h2>Health</h2>
        <dl>
          <dt>service</dt>
          <dd className={health?.status === 'ok' ? 'good' : 'bad'}>{health?.status ?? '…'}</dd>
          <dt>log</dt>
          <dd>{health?.db ?? '…'}</dd>
          <dt>heartbeat</dt>
          <dd>
            {health?.rules_heartbeat ?? '…'}
            {health?.heartbeat_age_ms === null || health === undefined
              ? ''
              : `, ${count(health.heartbeat_age_ms)} ms ago`}
          </dd>
          <dt>run</dt>
          <dd>
            {status?.run} · {status?.mode} · {status?.status}
          </dd>
          <dt>snapshots</dt>
          <dd>
            {count(status?.snapshots.count ?? 0)},{' '}
            {count(Math.round((status?.snapshots.bytes ?? 0) / 1024))} KiB, every{' '}
            {count(status?.snapshots.every_events ?? 0)} events
          </dd>
        </dl>
        {health?.trouble && (
          <p className="bad" role="alert">
            {health.trouble}
          </p>
        )}
        <h3>Counters</h3>
        <dl className="dense">
          {Object.entries(moment?.counters ?? {}).map(([name, value]) => (
            <div key={name}>
              <dt>{name.replaceAll('_', ' ')}</dt>
              <dd>{typeof value === 'number' ? count(value) : String(value ?? '—')}</dd>
            </div>
          ))}
        </dl>
      </section>
      <div>
        <section className="card" aria-label="calibration">
          <h2>Calibration</h2>
          <p className="dim">
            Lower quartile of what orders got; nothing below {calibration?.samples_min ?? 30}{' '}
            samples.
          </p>
          <table>
            <thead>
              <tr>
                {['bucket', 'of what was asked', 'samples', 'of what was traded', 'samples'].map(
                  (name, k) => (
                    <th key={k} scope="col">
                      {name}
                    </th>
                  ),
                )}
              </tr>
            </thead>
            <tbody>
              {calibration?.buckets.map(of => (
                <tr key={of.bucket}>
                  <td>{of.bucket}</td>
                  <td>{share(of.real_share_req_p25)}</td>
                  <td>{count(of.samples_req)}</td>
                  <td>{share(of.real_share_mkt_p25)}</td>
                  <td>{count(of.samples_mkt)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
        <Operator />
        <section className="card" aria-label="runbook">
          <h2>Runbook</h2>
          <ul>
            <li>
              <b>The log does not grow:</b> polaris status RUN; polaris doctor --live.
            </li>
            <li>
              <b>Rules are silent:</b> heartbeat ok means that they look; see what was dropped and
              why on the desk.
            </li>
            <li>
              <b>Trading is stopped:</b> polaris explain RUN seq:N of the stop, then
              clear-hard-stop.
            </li>
            <li>
              <b>For a scraper:</b> <a href="/metrics">/metrics</a>; <b>for a program:</b>{' '}
              <a href="/api/openapi.json">/api/openapi.json</a>
            </li>
          </ul>
        </section>
      </div>
    </div>
  )
}

const share = (micro: number | null): string =>
  micro === null ? '—' : `${(micro / 10_000).toFixed(2)} %`

const COMMANDS = [
  'pause',
  'resume',
  'hard-stop',
  'clear-hard-stop',
  'cancel-all',
  'flatten',
  'reload',
  'note',
] as const

/** What the operator says to the run. */
function Operator() {
  const { run, status } = useTravel()
  const [command, setCommand] = useState<string>('note')
  const [text, setText] = useState('')
  const [key, setKey] = useState(keyOf())
  const [said, setSaid] = useState('')
  return (
    <section className="card" aria-label="operator">
      <h2>Operator</h2>
      {status && !status.takes_commands && (
        <p className="dim">No process runs this run: nothing can be said to it.</p>
      )}
      <form
        className="row"
        onSubmit={event => {
          event.preventDefault()
          keepKey(key)
          write<{ seq: number | null }>(addressOf('command', { run }), {
            command,
            ...(text !== '' && { text }),
          })
            .then(({ seq }) =>
              setSaid(
                seq === null ? 'nothing was to be done' : `${command}: event ${seq}, durable`,
              ),
            )
            .catch((error: unknown) =>
              setSaid(error instanceof Error ? error.message : String(error)),
            )
        }}
      >
        <label>
          command{' '}
          <select value={command} onChange={event => setCommand(event.target.value)}>
            {COMMANDS.map(one => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </label>
        <label>
          words{' '}
          <input
            value={text}
            maxLength={2_000}
            required={command === 'note'}
            onChange={event => setText(event.target.value)}
          />
        </label>
        <KeyField value={key} onChange={setKey} />
        <button type="submit" disabled={!status?.takes_commands}>
          say it
        </button>
      </form>
      <p role="status">{said}</p>
    </section>
  )
}

import { useState } from 'react'
import { addressOf, keepKey, keyOf, Refused, write } from '../lib/api.js'
import { dollars, percent, price, shares } from '../lib/format.js'
import type { Intent, Signal } from '../lib/shapes.js'
import { useTravel } from '../lib/travel.js'
import { KeyField } from './key-field.js'
import { Modal } from './modal.js'

/** An order made of a signal: proposed, judged, and sent only by a second yes. */
export function OrderModal({ signal, onClose }: { signal: Signal; onClose: () => void }) {
  const { run, status } = useTravel()
  const [intent, setIntent] = useState<Intent | undefined>()
  const [fault, setFault] = useState('')
  const [isBusy, setBusy] = useState(false)
  const [quantity, setQuantity] = useState('')
  const [key, setKey] = useState(keyOf())
  const act = (address: string, body?: object): void => {
    setBusy(true)
    keepKey(key)
    write<Intent>(address, body)
      .then(got => {
        setIntent(got)
        setFault('')
      })
      .catch((error: unknown) => {
        const what = error instanceof Error ? error.message : String(error)
        setFault(
          error instanceof Refused && error.expected !== ''
            ? `${what} (expected: ${error.expected})`
            : what,
        )
      })
      .finally(() => setBusy(false))
  }
  const wanted = Number(quantity)
  const { payload_json: of } = signal
  const checks = intent?.detail_json.checks
  return (
    <Modal title={`Order from ${signal.signal_id}`} onClose={onClose}>
      <p>
        {of.title} · {of.rule_name} · expected net {percent(signal.edge_score)}, {of.bucket}
      </p>
      <table aria-label="legs">
        <thead>
          <tr>
            {['outcome', 'side', 'worst price', 'shares', 'order'].map(name => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {(
            intent?.detail_json.legs ??
            of.legs.map(leg => ({ ...leg, order_id: null, state: null, filled_micro: 0 }))
          ).map(leg => (
            <tr key={leg.token}>
              <td>{leg.label}</td>
              <td>{leg.side}</td>
              <td>{price(leg.limit_e4)}</td>
              <td>{shares(leg.size_micro)}</td>
              <td>{leg.order_id === null ? '—' : `${leg.order_id}: ${leg.state ?? ''}`}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {status && !status.takes_commands && (
        <p className="dim">
          No process runs this run: you get the verdict, and nothing can be sent.
        </p>
      )}
      {!intent && (
        <form
          className="row"
          onSubmit={event => {
            event.preventDefault()
            act(addressOf('execution/intent', { run }), {
              signal_id: signal.signal_id,
              ...(quantity !== '' && wanted > 0 && { qty_override: wanted }),
            })
          }}
        >
          <label>
            shares of each leg{' '}
            <input
              inputMode="decimal"
              pattern="\d+(\.\d{1,6})?"
              placeholder={shares(of.size_micro).replaceAll(',', '')}
              value={quantity}
              onChange={event => setQuantity(event.target.value)}
            />
          </label>
          <KeyField value={key} onChange={setKey} />
          <button type="submit" disabled={isBusy}>
            what does risk say?
          </button>
        </form>
      )}
      {checks && (
        <section aria-live="polite" className="verdict">
          <h3 className={checks.approved ? 'good' : 'bad'} data-testid="verdict">
            {intent.status === 'verdict' || intent.status === 'suggested'
              ? checks.approved
                ? 'Risk lets it through'
                : 'Risk refuses it'
              : `The order is ${intent.status}`}
          </h3>
          {checks.reasons.length > 0 && (
            <ul>
              {checks.reasons.map(reason => (
                <li key={reason}>{reason}</li>
              ))}
            </ul>
          )}
          <p className="dim">
            costs at most {dollars(checks.notional_micro)}; {checks.open_intents} other intents
            open; {dollars(checks.day_notional_micro)} sent today
            {intent.detail_json.note === undefined ? '' : `; ${intent.detail_json.note}`}
          </p>
          {intent.status === 'suggested' && (
            <button
              type="button"
              className="confirm"
              disabled={isBusy || !checks.approved}
              onClick={() =>
                act(addressOf(`execution/confirm/${encodeURIComponent(intent.intent_id)}`, { run }))
              }
            >
              confirm: send {intent.detail_json.legs.length}{' '}
              {intent.detail_json.legs.length === 1 ? 'order' : 'orders'}
            </button>
          )}
        </section>
      )}
      {fault !== '' && (
        <p className="bad" role="alert">
          {fault}
        </p>
      )}
    </Modal>
  )
}

import * as t from 'io-ts'
import { event, field } from '../event.js'
import { AlertChannel, AlertOutcome, AlertRule } from '../alerts.js'
import { Int } from '../units.js'

/** Input: somebody was told, or could not be. */
export const AlertDelivered = event(
  'AlertDelivered',
  1,
  'feed',
  'An alert went out by one channel, or did not. It decides nothing.',
  {
    rule: field(AlertRule, '—', 'what it is about'),
    key: field(
      t.string,
      '—',
      'what of: an instance and market, a feed, an order; alerts of one key rest together',
    ),
    about: field(
      Int,
      'seq',
      'the event that it is about; of a silence, the last one that was heard',
    ),
    text: field(t.string, '—', 'what was said'),
    channel: field(AlertChannel, '—', 'telegram, webhook or desktop'),
    outcome: field(
      AlertOutcome,
      '—',
      'sent: the channel has it; dry-run: nothing is set up to take it; failed: after the last try',
    ),
    attempts: field(Int, 'count', 'tries that it took'),
    suppressed: field(Int, 'count', 'alerts of this key that were not sent before, as it rested'),
  },
  { why: field(t.string, '—', 'of a failure: what the channel answered last') },
)

import * as t from 'io-ts'
import { event, field } from '../event.js'
import { TokenId } from '../ids.js'
import { Side } from '../levels.js'
import { Clock, Command, Ending, Exchange, Fault, Mode, TimeInForce } from '../reasons.js'
import { RecordedConfig } from '../config.js'
import { Int, Price, Shares } from '../units.js'

const Digest = field(t.string, 'hex', 'BLAKE3 over the canonical JSON of the decision keys')
/** One running strategy as `RunStarted` names it. */
export const Instance = t.readonly(
  t.strict({ id: t.string, strategy: t.string, scope: t.string, code: t.string }),
  'Instance',
)
export type Instance = t.TypeOf<typeof Instance>

/** What the operator wants bought or sold: token, side, worst price, size. */
export const OrderLegs = t.readonlyArray(
  t.readonly(t.tuple([TokenId, Side, Price, Shares])),
  'OrderLegs',
)
export type OrderLegs = t.TypeOf<typeof OrderLegs>

const Decided = field(RecordedConfig, '—', 'every key that can change a decision, canonical')

/** Input, always line 1: all that a replay needs besides the inputs themselves. Nothing environmental. */
export const RunStarted = event(
  'RunStarted',
  1,
  'run',
  'The run begins. Always the first event; a replay reads only what stands here and the inputs that follow.',
  {
    parent: field(t.string, 'hex', 'head of the run that this one takes its feed from, or empty'),
    mode: field(
      Mode,
      '—',
      'import: no rules; shadow: signals, no orders; paper_live, paper_replay: simulated orders; live',
    ),
    source: field(t.string, '—', 'what feeds it: sim:<scenario>, import:<kind> or run'),
    schema: field(Int, 'count', 'version of the event registry that wrote it'),
    seed: field(Int, '—', 'seed of the simulated market and of the simulated exchange'),
    faults: field(
      t.readonlyArray(Fault),
      '—',
      'faults of the simulated exchange that are switched on',
    ),
    config: Decided,
    digest: Digest,
  },
  {
    exchange: field(
      Exchange,
      '—',
      'sim (also where absent): answers are derived by a replay; venue: they are recorded inputs',
    ),
    clock: field(
      Clock,
      '—',
      'event (also where absent): time is the stamps of inputs; wall: deadlines come while no feed speaks',
    ),
    instances: field(
      t.readonlyArray(Instance),
      '—',
      'strategies that run, each with its purse and the version of its code; absent: those of strategy.names',
    ),
  },
)

/** Input, always the last line of a sealed run. */
export const RunEnded = event('RunEnded', 1, 'run', 'The run ended in order; nothing follows.', {
  why: field(Ending, '—', 'source-ended: the feed has no more; operator: somebody stopped it'),
})

/** Input: a crashed run was opened again. Counted in no ordinal, so ids go on unchanged. */
export const RunRecovered = event(
  'RunRecovered',
  1,
  'run',
  'A crashed run goes on in the same log. Counted in no ordinal, so ids go on unchanged.',
  {
    lastSeq: field(Int, 'seq', 'last whole commit before the crash'),
    tornBytes: field(Int, 'bytes', 'what stood behind it and was set aside as torn-<n>.bin'),
  },
)

/** Input: a deadline that the state declared has come. */
export const ClockTicked = event(
  'ClockTicked',
  1,
  'clock',
  'A deadline that the state declared has come. Happens at no other time; `c` is the event that set it.',
  { due: field(Int, 'µs', 'the deadline; the event is never earlier') },
)

/** Input: the operator speaks. */
export const CommandGiven = event(
  'CommandGiven',
  1,
  'feed',
  'The operator tells the run something.',
  {
    command: field(
      Command,
      '—',
      'pause and resume new risk, hard-stop, clear-hard-stop, cancel-all, flatten, reload, note, order, shutdown',
    ),
    by: field(t.string, '—', 'who says it: a name or a channel'),
  },
  {
    from: field(t.string, '—', 'where it came from: socket, window, signal, file, source'),
    text: field(t.string, '—', 'the words of a note'),
    scope: field(t.string, '—', 'purse that it is about; absent: all'),
    intent: field(t.string, '—', 'of an order: its id; the second order of one id does nothing'),
    legs: field(
      OrderLegs,
      '[token, side, 1e-4 $, 1e-6 share]',
      'of an order: what is bought (0) or sold (1), at what price at worst; all of it leaves or nothing',
    ),
    tif: field(TimeInForce, '—', 'of an order: time in force; absent: FAK'),
  },
)

/** Input: from here on decisions follow another configuration. */
export const ConfigChanged = event(
  'ConfigChanged',
  1,
  'feed',
  'From here on decisions follow another configuration.',
  { config: Decided, digest: Digest },
  {
    changed: field(t.readonlyArray(t.string), '—', 'keys whose value is another: section.key'),
    by: field(t.string, '—', 'who brought it: a signal, a changed file, a command'),
  },
)

import * as alert from './events/alert.js'
import * as conversion from './events/conversion.js'
import * as feed from './events/feed.js'
import * as harvest from './events/harvest.js'
import * as market from './events/market.js'
import * as order from './events/order.js'
import * as risk from './events/risk.js'
import * as run from './events/run.js'
import * as signal from './events/signal.js'
import * as venue from './events/venue.js'
import type { EventType, Kind } from './event.js'

/** Version of this registry: it grows with every event type or version added. Stands in `RunStarted`. */
export const SCHEMA = 7

const { lag: _lag, ...feedTypes } = feed
const { SignalLeg: _leg, ...signalTypes } = signal
const { Instance: _instance, OrderLegs: _legs, ...runTypes } = run

/** Every event type that this version writes, by type name. */
export const TYPES = {
  ...runTypes,
  ...feedTypes,
  ...market,
  ...order,
  ...signalTypes,
  ...risk,
  ...venue,
  ...conversion,
  ...harvest,
  ...alert,
} as const

type Types = typeof TYPES
/** Name of an event type, without its version. */
export type TypeName = keyof Types
/** An event in memory: always the newest version of its type. */
export type Event = { [N in TypeName]: ReturnType<Types[N]['make']> }[TypeName]
/** The events of one type name. */
export type EventOf<N extends TypeName> = Extract<Event, { readonly type: N }>

const BY_NAME: ReadonlyMap<string, EventType> = new Map(
  Object.values(TYPES).map(type => [type.name, type as unknown as EventType]),
)

/** The event type stored under `Name.version`, or undefined where this program does not know it. */
export const typeNamed = (name: string): EventType | undefined => BY_NAME.get(name)

/** The event type of a type name. */
export const typeOf = (type: TypeName): EventType => TYPES[type] as unknown as EventType

/** Who says an event of a type. Most events are of one type, which is asked for without looking it up. */
export const kindOf = (type: TypeName): Kind => (type === 'BookChanged' ? 'feed' : TYPES[type].kind)

/** All event types in the order of `docs/EVENTS.md`. */
export const allTypes = (): readonly EventType[] => [...BY_NAME.values()]

/** Whether a type name is an input (all kinds but `decision`). */
export const isInput = (type: TypeName): boolean => kindOf(type) !== 'decision'

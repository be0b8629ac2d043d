import * as t from 'io-ts'

/** One field of an event: its codec, unit and meaning. `docs/EVENTS.md` and the SQL views are written from these. */
export interface Field<C extends t.Mixed = t.Mixed> {
  readonly codec: C
  readonly unit: string
  readonly doc: string
  /** Full name where the stored key is short. */
  readonly fullName?: string
}
/** Fields by stored key, in stored order. */
export type Fields = Readonly<Record<string, Field>>

type Required<F extends Fields> = { readonly [K in keyof F]: t.TypeOf<F[K]['codec']> }
type Optional<F extends Fields> = { readonly [K in keyof F]?: t.TypeOf<F[K]['codec']> }
/** The fields of an event in memory. */
export type DataOf<R extends Fields, O extends Fields> = Required<R> & Optional<O>

/** Who says it: the world (`input`) or `run/step` (`decision`); of inputs, which of the three kinds. */
export type Kind = 'run' | 'feed' | 'answer' | 'clock' | 'decision'

/** One event type at one version. Its codec never changes after a run has used it. */
export interface EventType<N extends string = string, D = unknown, K extends Kind = Kind> {
  readonly type: N
  readonly version: number
  /** As stored in `e`: `Name.version`. */
  readonly name: `${N}.${number}`
  readonly kind: K
  readonly doc: string
  readonly required: Fields
  readonly optional: Fields
  /** The io-ts codec of the fields: strict, so an unknown key is an error. */
  readonly codec: t.Type<D, unknown>
  readonly make: (data: D) => { readonly type: N; readonly data: D }
}

/** Describes a field: codec, unit, meaning, and its full name where the stored key is short. */
export function field<C extends t.Mixed>(
  codec: C,
  unit: string,
  doc: string,
  fullName?: string,
): Field<C> {
  return fullName === undefined ? { codec, unit, doc } : { codec, unit, doc, fullName }
}

/** Builds one event type. Stored field order: required as written, then optional as written. */
export function event<
  N extends string,
  K extends Kind,
  R extends Fields,
  O extends Fields = Record<never, Field>,
>(
  type: N,
  version: number,
  kind: K,
  doc: string,
  required: R,
  optional?: O,
): EventType<N, DataOf<R, O>, K> {
  const more: Fields = optional ?? {}
  return {
    type,
    version,
    name: `${type}.${version}`,
    kind,
    doc,
    required,
    optional: more,
    // io-ts loses the link between the record of codecs and the record of types; DataOf restores it.
    codec: codecOf(type, required, more),
    make: data => ({ type, data }),
  }
}

function codecOf(name: string, required: Fields, optional: Fields): t.Mixed {
  const codecs = (fields: Fields): t.Props =>
    Object.fromEntries(Object.entries(fields).map(([key, { codec }]) => [key, codec]))
  const [must, may] = [codecs(required), codecs(optional)]
  return Object.keys(may).length === 0
    ? t.strict(must, name)
    : t.exact(t.intersection([t.type(must), t.partial(may)], name), name)
}

import { SCENARIOS } from '#engine/feeds/simulator/scenario.js'
import {
  FAULT_KINDS,
  MARKET_FAULTS,
  ORDER_FAULTS,
  faultFrom,
  type ScriptedFault,
} from '#twin/faults.js'
import { TwinVenue } from '#twin/venue.js'
import { Refusal, textOf, textsOf, wholeOf, type Command, type Values } from '../command.js'
import { speedOf } from '../run-plan.js'

/** Inputs of a market that goes on until it is stopped. */
const ENDLESS = 1e12
const USAGE =
  'venue [SCENARIO] [--port N] [--seed N] [--speed N] [--cash DOLLARS] [--v2 N,N] [--fault KIND@10s+5s]'
/** Most whole dollars of `--cash`: amounts stay exact. */
const CASH_MAX = 900_000

/** `polaris venue`: the venue on this machine, to record, trade and break. */
export const venueCommand: Command = {
  name: 'venue',
  summary:
    'serve a twin of the venue on this machine: REST and both channels of a simulated market, with accounts that trade in it',
  usage: USAGE,
  example: 'venue mixed --port 8787 --fault stall@30s+20s',
  options: {
    port: { type: 'string' },
    seed: { type: 'string' },
    speed: { type: 'string' },
    cash: { type: 'string' },
    v2: { type: 'string' },
    fault: { type: 'string', multiple: true },
  },
  help: {
    SCENARIO: `${SCENARIOS.map(({ name }) => name).join(', ')} (default mixed); SCENARIO/NUMBER ends after so many inputs, and has its incidents on the way`,
    '--port N': 'where it listens, on 127.0.0.1 only (default: a free one)',
    '--seed N': 'seed of the simulated market (default 7)',
    '--speed N': 'simulated seconds in one of the machine’s (default 1)',
    '--cash DOLLARS': 'what each wallet begins with, whole dollars (default 10000)',
    '--v2 N,N': 'numbers of the markets that are of protocol version v2, from 1 (default: none)',
    '--fault KIND@T+D': 'what goes wrong, when and for how long, repeatable (docs/LIVE.md)',
    'KIND (market data)': MARKET_FAULTS.join(', '),
    'KIND (orders)': ORDER_FAULTS.join(', '),
  },
  run: async call => {
    const { values } = call
    const [scenario = '', length] = (call.positionals[0] ?? 'mixed').split('/')
    const events = length === undefined ? ENDLESS : Number(length)
    if (!Number.isSafeInteger(events) || events < 1)
      throw new Refusal('usage', `length '${length}'`, 'SCENARIO', 'SCENARIO or SCENARIO/NUMBER')
    const port = wholeOf(values, 'port')
    const cash = wholeOf(values, 'cash')
    if (cash !== undefined && cash > CASH_MAX)
      throw new Refusal('usage', `--cash is ${cash}`, '--cash', `at most ${CASH_MAX} dollars`)
    const twin = new TwinVenue({
      ...{ scenario, events },
      seed: wholeOf(values, 'seed') ?? 7,
      speed: speedOf(values) ?? 1,
      ...(port !== undefined && { port }),
      ...(cash !== undefined && { startCash: cash * 1_000_000 }),
      faults: scriptOf(values),
      v2: numbersOf(values),
    })
    const base = await twin.start().catch((error: unknown) => {
      const why = error instanceof Error ? error.message : String(error)
      throw new Refusal('port', why, `127.0.0.1:${port ?? 0}`, 'a port that is free')
    })
    call.say(`serving ${scenario} at ${base}; Ctrl-C ends it`)
    call.say(`next: polaris record --venue ${base} --duration 30s`)
    await new Promise<void>(resolve => {
      if (call.stop.aborted) resolve()
      call.stop.addEventListener('abort', () => {
        resolve()
      })
    })
    await twin.stop()
    return {
      code: 0,
      json: { base, frames: twin.frames, requests: Object.fromEntries(twin.server.counts) },
    }
  },
}

function numbersOf(values: Values): readonly number[] {
  const text = textOf(values, 'v2')
  if (text === undefined) return []
  if (/^[1-9]\d{0,3}(,[1-9]\d{0,3})*$/.test(text)) return text.split(',').map(Number)
  throw new Refusal('usage', `--v2 is '${text}'`, '--v2', 'numbers of markets with commas between')
}

function scriptOf(values: Values): readonly ScriptedFault[] {
  return textsOf(values, 'fault').map(text => {
    const fault = faultFrom(text)
    if (typeof fault !== 'string') return fault
    throw new Refusal('usage', fault, '--fault', `KIND@10s+5s; kinds: ${FAULT_KINDS.join(', ')}`)
  })
}

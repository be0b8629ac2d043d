import { signerOf } from '#engine/gateways/polymarket/sign/signer.js'
import {
  BUILDER_KEYS,
  BUILDER_TOKEN,
  BUILDER_URL,
  builderFrom,
  builderHeaders,
} from '../builder.js'
import { Refusal, type Command } from '../command.js'
import { tradingKey } from '../keys.js'

/** `polaris builder-health`: whether a builder's credentials are whole and sign, in the fields of the earlier system. */
export const builderHealthCommand: Command = {
  name: 'builder-health',
  summary: 'whether the credentials of a builder are there, whole, and sign',
  usage: 'builder-health',
  example: 'builder-health --json',
  options: {},
  help: {
    environment: `${BUILDER_KEYS.join(', ')}; or ${BUILDER_URL} with ${BUILDER_TOKEN} where the remote signer wants one`,
  },
  run: async call => {
    const builder = builderFrom(process.env)
    const faults: string[] = []
    const address = await addressOr(faults)
    if ('missing' in builder) faults.push(builder.missing)
    const of = { method: 'GET', path: '/ok', body: '', timestampS: Math.floor(Date.now() / 1_000) }
    const headers = 'missing' in builder ? undefined : await builderHeaders(builder, of)
    if (typeof headers === 'string') faults.push(headers)
    const canSign = headers !== undefined && typeof headers !== 'string'
    const isOk = faults.length === 0 && canSign
    const message = isOk ? 'the credentials are whole, and sign' : faults.join('; ')
    const type = 'missing' in builder ? 'none' : builder.type
    call.say(`${isOk ? 'ok' : 'failed'}: ${message}`)
    call.say(`builder ${type}, signer ${address === '' ? 'none' : address}`)
    return {
      code: isOk ? 0 : 1,
      json: {
        ...{ ok: isOk, message, builder_type: type, source: 'environment', address },
        can_builder_auth: canSign,
      },
    }
  },
}

/** The address of the trading key; empty where there is none, and then `faults` says why. */
async function addressOr(faults: string[]): Promise<string> {
  try {
    const signer = signerOf(await tradingKey(process.env))
    const { address } = signer
    signer.close()
    return address
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    faults.push(`${error.message} (${error.where})`)
    return ''
  }
}

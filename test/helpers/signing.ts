import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { SignerApi } from '#engine/gateways/polymarket/sign/native-signer.js'
import { loadAddon } from '#engine/native/addon.js'
import { isRefused, type Refused } from '#engine/gateways/polymarket/sign/refused.js'
import { ROOT } from './cli.js'

const SAMPLES =
  process.env['POLARIS_VENUE_SAMPLES'] ??
  resolve(ROOT, '..', 'shared', 'reference', 'venue-samples')

/** Why a test of the venue's samples cannot run, or false where it can. */
export const samplesMissing = (): string | false => (existsSync(SAMPLES) ? false : `no ${SAMPLES}`)

/** A sample file, as the test that reads it says that it is. */
export function sample<T>(name: string): T {
  const parsed: unknown = JSON.parse(readFileSync(join(SAMPLES, name), 'utf8'))
  return parsed as T
}

/** An answer that must be no refusal. */
export function fits<T extends object>(answer: T | Refused): T {
  if (isRefused(answer)) throw new Error(answer.refused)
  return answer
}

/** What signs, by name. */
export function signingApis(): readonly (readonly [backend: string, api: SignerApi | undefined])[] {
  const addon = loadAddon()
  const native = typeof addon === 'string' ? [] : ([['native', addon]] as const)
  return [['TypeScript', undefined], ...native]
}

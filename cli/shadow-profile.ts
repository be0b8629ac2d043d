import { RAZOR_FLAT, type ShadowProfile } from '#projections/shadow.js'
import type { Values } from './command.js'
import { decimalOf, SHARE } from './decimal-option.js'

/** Options that say other shares and costs than the frozen profile `razor-flat`. */
export const PROFILE_OPTIONS = {
  'fill-share-liquid': { type: 'string' },
  'fill-share-thin': { type: 'string' },
  'dump-slippage': { type: 'string' },
} as const

/** What they mean. */
export const PROFILE_HELP = {
  '--fill-share-liquid D': 'part of the volume in the window, liquid bucket (frozen: 0.30)',
  '--fill-share-thin D': 'the same, thin bucket (frozen: 0.10)',
  '--dump-slippage D': 'how far below the bid a leftover leg is sold (frozen: 0.05)',
}

/** The frozen profile with what the options say; its own name where they say nothing. */
export function profileOf(values: Values): ShadowProfile {
  const liquid = decimalOf(values, 'fill-share-liquid', SHARE)
  const thin = decimalOf(values, 'fill-share-thin', SHARE)
  const dump = decimalOf(values, 'dump-slippage', SHARE)
  if (liquid === undefined && thin === undefined && dump === undefined) return RAZOR_FLAT
  const { shareBps, dumpBps, name } = RAZOR_FLAT
  return {
    ...RAZOR_FLAT,
    name: `${name}, changed`,
    dumpBps: dump ?? dumpBps,
    shareBps: { liquid: liquid ?? shareBps.liquid, thin: thin ?? shareBps.thin },
  }
}

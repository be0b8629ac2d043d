import type { DecisionConfig } from '#schemas/config.js'
import { ConversionReported } from '#schemas/events/conversion.js'
import { usdc } from '#schemas/units.js'
import type { Convert } from '#engine/core/effects.js'
import type { AnswerEvent } from '../gateway.js'
import type { Desk } from './desk.js'
import { keyedBelow } from './keyed-random.js'

const FAIL = 6

/** A transaction does all or nothing; it fails where the tokens are not there, or a market of theirs is decided. Gas is paid either way. */
export function convert(
  { conversion, ...of }: Convert,
  sim: DecisionConfig['sim'],
  { seed, ledger, world }: Pick<Desk, 'seed' | 'ledger' | 'world'>,
): AnswerEvent {
  const isOver = [...of.gives, ...of.takes].some(
    token => world.marketOf(token)?.isResolved === true,
  )
  const isMined =
    keyedBelow({ seed, key: conversion, salt: FAIL }, 10_000) >= sim.conversion_fail_bps
  const done = isMined && !isOver && ledger.convert(of)
  ledger.deposit(-sim.gas_micro)
  return ConversionReported.make({ conversion, done, gas: usdc(sim.gas_micro) })
}

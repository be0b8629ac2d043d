import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { lockFile } from '#engine/log/disk/lock.js'
import { Refusal } from '../command.js'
import { FOLDERS } from '../runs.js'

/** The two paper portfolios: one purse for all strategies, and one for each. */
export const SCOPES = ['shared', 'isolated'] as const
/** One of them. */
export type MatrixScope = (typeof SCOPES)[number]

/** What the supervisor of one portfolio is to do, and how that goes: `run/arb_paper_<scope>.json`. */
export interface MatrixState {
  readonly scope: MatrixScope
  /** `polaris arb-run` begins with these words. */
  readonly words: readonly string[]
  readonly runDir: string
  readonly log: string
  /** When it ends by itself, ms since the epoch. */
  readonly endsMs: number
  /** How long a child may take to seal its run once it is asked to, ms. */
  readonly graceMs: number
  readonly phase: 'running' | 'waiting' | 'stopping' | 'ended' | 'failed'
  readonly supervisor: number
  /** Process of the run; 0 where there is none. */
  readonly child: number
  readonly restarts: number
  /** Why it failed, or how the last child ended. */
  readonly why: string
}

const folder = 'run'

/** The file that names the supervisor's process. */
export const pidFile = (scope: MatrixScope): string => join(folder, `arb_paper_${scope}.pid`)
/** The file that says how it goes. */
export const stateFile = (scope: MatrixScope): string => join(folder, `arb_paper_${scope}.json`)
/** The supervisor holds its lock for as long as it lives: a number of a process may come again, a lock does not. */
const heldFile = (scope: MatrixScope): string => join(folder, `arb_paper_${scope}.lock`)

/** Takes the lock of a supervisor; undefined where another one has it. */
export async function hold(scope: MatrixScope): ReturnType<typeof lockFile> {
  for (let k = 0; k < HOLD_TRIES; k++) {
    const release = await lockFile(heldFile(scope))
    if (release) return release
    await pause(LOOK_MS) // whoever looks whether it is held has it for a moment
  }
  return undefined
}

/** What is known of a portfolio; undefined where it never was started here. */
export function stateOf(scope: MatrixScope): MatrixState | undefined {
  const file = stateFile(scope)
  if (!existsSync(file)) return undefined
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as MatrixState // the supervisor wrote it whole
  } catch (error) {
    throw new Refusal('unreadable', `it is no state: ${String(error)}`, file, 'remove it')
  }
}

/** Whether its supervisor lives. */
export async function isSupervised(scope: MatrixScope): Promise<boolean> {
  if (!existsSync(heldFile(scope))) return false
  const release = await lockFile(heldFile(scope))
  await release?.()
  return release === undefined
}

/** Whether a process writes its run, whoever started it. */
export async function isWritten(state: MatrixState | undefined): Promise<boolean> {
  if (!state || !existsSync(state.runDir)) return false
  return (await FOLDERS.info(state.runDir)).status === 'open'
}

/** Waits until something holds, at most so long. Whether it does. */
export async function until(holds: () => Promise<boolean>, mostMs: number): Promise<boolean> {
  const endMs = performance.now() + mostMs
  while (performance.now() < endMs) {
    if (await holds()) return true
    await pause(LOOK_MS)
  }
  return await holds()
}

/** How often it is looked, ms. */
const LOOK_MS = 50
/** How often a lock is tried. */
const HOLD_TRIES = 10

import { existsSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseDocument } from 'yaml'
import type { AlertsDoor, Doors, RulesDoor } from '#api/server/doors.js'
import { Refused } from '#api/server/problems.js'
import { channelsOf } from './alerts/channels.js'
import { Dispatch } from './alerts/dispatch.js'
import { Refusal, type Call } from './command.js'
import { loadConfig } from './config.js'
import { slugOf } from './rules/dsl.js'
import { ruleFilesAt, rulesIn, rulesOf } from './rules/files.js'
import { writeWhole } from './write-whole.js'

/** What the API serves besides runs: rules, where the configuration names a folder of them, and messages to people. */
export function doorsOf(call: Call, reloaded: () => Promise<void>): Doors {
  const { code, alerts } = loadConfig(call.values).config
  const folder = code.rules.find(path => existsSync(path) && statSync(path).isDirectory())
  return {
    rules: rulesDoor(folder, code.rules, reloaded),
    alerts: alertsDoor(alerts, call),
  }
}

/** Rules are files of the folder, so that who edits them and who uploads them see the same; runs that are alive read them anew. */
function rulesDoor(
  folder: string | undefined,
  paths: readonly string[],
  reloaded: () => Promise<void>,
): RulesDoor {
  return {
    put: async ({ name, dsl }) => {
      if (folder === undefined)
        throw new Refused(409, 'the configuration names no folder of rules', {
          where: 'code.rules',
          expected: 'a folder, as in code.rules = ["rules"]',
        })
      const id = slugOf(name)
      const file = join(folder, `${id}.yaml`)
      const before = existsSync(file) ? readFileSync(file, 'utf8') : undefined
      const text = versioned(dsl, before)
      refusing(() => {
        requireOne(text, file, { id, name })
        const others = rulesIn(ruleFilesAt(paths).filter(path => resolve(path) !== resolve(file)))
        if (others.some(rule => rule.id === id))
          throw new Refusal('rules', `another file has a rule '${id}'`, 'name', 'another name')
      })
      writeWhole(file, text)
      await reloaded()
      return { rule_id: id }
    },
  }
}

function requireOne(text: string, file: string, { id, name }: { id: string; name: string }): void {
  const rules = rulesOf(text, 'dsl')
  const own: unknown = parseDocument(text).get('name')
  if (rules.length > 1)
    throw new Refusal('rules', `there are ${rules.length} rules in it`, file, 'one rule')
  if (typeof own !== 'string' || slugOf(own) !== id)
    throw new Refusal(
      'rules',
      `its name is '${String(own)}'`,
      'dsl: name',
      `'${name}', as it is asked for`,
    )
}

/** A rule with the version behind the one it takes the place of; what else its text says stays as it is written. */
function versioned(text: string, before: string | undefined): string {
  const document = parseDocument(text)
  if (before === undefined || document.errors.length > 0) return text
  const was = Number(parseDocument(before).get('version') ?? 1)
  document.set('version', (Number.isSafeInteger(was) ? was : 1) + 1)
  return document.toString()
}

/** What a check refuses is an answer of the API. */
function refusing(check: () => void): void {
  try {
    check()
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const { message, where, expected } = error
    throw new Refused(400, message, { where, expected })
  }
}

function alertsDoor(config: Parameters<typeof channelsOf>[0], call: Call): AlertsDoor {
  const dispatch = new Dispatch({
    channels: channelsOf(config, process.env),
    ...{ cooldownMs: config.cooldown_ms, attempts: config.attempts, pauseMs: config.pause_ms },
    ...{ title: 'polaris', nowMs: Date.now, signal: call.stop, record: () => Promise.resolve() },
  })
  return {
    test: async text => {
      const sent = await dispatch.send({ rule: 'test', key: '', about: 0, tUs: 0, text })
      const outcomes = sent.map(({ data }) => data.outcome)
      const isFailed = outcomes.includes('failed')
      return { status: isFailed ? 'error' : outcomes.includes('sent') ? 'sent' : 'dry-run' }
    },
  }
}

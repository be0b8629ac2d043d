import { METRICS } from '#schemas/rule-codecs.js'
import { RULE_TYPES, type RuleType } from '#engine/strategies/rules/registry.js'
import { fieldsOf, RULE_NAMES, type Unit } from './fields.js'

/** What a unit is in a JSON schema. */
const SHAPES: Readonly<Record<Unit, object>> = {
  usd: { type: 'number', minimum: 0 },
  secs: { type: 'number', minimum: 0 },
  price: { type: 'number', minimum: 0, maximum: 1 },
  share: { type: 'number', minimum: 0, maximum: 1 },
  bps: { type: 'integer' },
  count: { type: 'integer', minimum: 0 },
  deviations: { type: 'number', minimum: 0 },
  words: { type: 'array', items: { type: 'string' } },
  related: {
    type: 'array',
    items: {
      type: 'object',
      properties: {
        name: { type: 'string' },
        markets: { type: 'array', items: { type: 'string' } },
        keywords: { type: 'array', items: { type: 'string' } },
      },
      required: ['name'],
      additionalProperties: false,
    },
  },
  direction: { enum: ['fade', 'follow'] },
}

/** The JSON schema of a rule's file (draft 2020-12), a branch for each type. */
export function ruleSchema(): object {
  const object = (properties: Readonly<Record<string, object>>): object => ({
    ...{ type: 'object', properties, additionalProperties: false },
  })
  const words = { type: 'array', items: { type: 'string' } }
  const seconds = { type: 'number', minimum: 0 }
  const branch = (type: RuleType): object => {
    const params = object(
      Object.fromEntries(
        Object.entries(fieldsOf(type)).map(([name, { unit, doc }]) => [
          name,
          { ...SHAPES[unit], description: doc },
        ]),
      ),
    )
    return {
      ...object({
        type: { const: type },
        name: { type: 'string', minLength: 1, maxLength: 32 },
        enabled: { type: 'boolean', default: true },
        version: { type: 'integer', minimum: 1, default: 1 },
        mode: { enum: ['manual', 'auto'], default: 'manual' },
        params,
        thresholds: params,
        dedupe: object({ cooldown_secs: seconds }),
        noise_filter: object({
          hold_secs: seconds,
          spread_max_bps: { type: 'integer', minimum: 0 },
        }),
        scope: object({ markets: words, keywords: words, exclude: words }),
        outputs: object({
          level: { enum: ['P1', 'P2', 'P3'] },
          score: object({
            base: { type: 'integer', minimum: 0, maximum: 100 },
            weights: object(
              Object.fromEntries(METRICS.map(name => [name, { type: 'number', minimum: 0 }])),
            ),
          }),
        }),
      }),
      description: RULE_TYPES[type].doc,
      required: ['type', 'name'],
    }
  }
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'A rule of polaris',
    oneOf: RULE_NAMES.map(branch),
  }
}

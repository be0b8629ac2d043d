import type { Config } from '#schemas/config.js'

/** Keys of collectors that two configurations have otherwise, as `section.key`. */
export function changedKeys(before: Config, after: Config): string[] {
  return (['harvest', 'venue'] as const).flatMap(section =>
    Object.entries(after[section]).flatMap(([key, value]) => {
      const was: unknown = before[section][key as keyof Config[typeof section]]
      return JSON.stringify(was) === JSON.stringify(value) ? [] : [`${section}.${key}`]
    }),
  )
}

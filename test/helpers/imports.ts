import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'

const ROOT = resolve(import.meta.dirname, '..', '..', '..')

/** One import: paths from the root of the sources, or `node:NAME`, `npm:NAME`. */
export interface Import {
  readonly file: string
  readonly target: string
}

/** What a file imports. */
export function importsOf(file: string): Import[] {
  const text = readFileSync(join(ROOT, file), 'utf8')
  const found = [...text.matchAll(/(?:from|import)\s*\(?\s*'([^'\s]+)'/g)]
  return found.map(([, path = '']) => ({ file, target: targetOf(path, file) }))
}

/** What a file imports when it runs: imports of types alone are gone then. */
export function runningImportsOf(file: string): string[] {
  const text = readFileSync(join(ROOT, file), 'utf8')
  const found = text.matchAll(/^(?:import|export)(?! type\b)[^;'"]*?from '([^']+)'/gm)
  return [...found].map(([, path = '']) => targetOf(path, file))
}

function targetOf(path: string, file: string): string {
  if (path.startsWith('#')) return path.slice(1).replace(/\.js$/, '.ts')
  if (path.startsWith('.'))
    return relative(ROOT, resolve(ROOT, dirname(file), path)).replace(/\.js$/, '.ts')
  return path.startsWith('node:') ? path : `npm:${path}`
}

/** The TypeScript files below a folder of the sources. */
export function sourcesIn(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.ts'))
    .map(name => join(folder, name))
}

import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'

/** The rooms that are compiled. */
const ROOMS = ['schemas', 'engine', 'projections', 'api', 'compat', 'twin', 'cli', 'bench', 'test']

/** What each source imports when it runs: paths from the root of the clone, with `/`. */
export type Graph = ReadonlyMap<string, readonly string[]>

/** A test that a change concerns. */
export interface Affected {
  readonly test: string
  /**
   * 0: it was changed itself, or is named after what was (`parity.test.ts` of `parity.ts`); 1: it lies in the same folder; else
   * one more than the imports between it and the nearest changed file. A rule is tested through a whole run, so imports alone would
   * put its own test behind many.
   */
  readonly distance: number
}

/** The tests that import a changed file, at once or through others: the nearest first, then by name. */
export function affectedTests(graph: Graph, changed: readonly string[]): Affected[] {
  const importers = importersIn(graph)
  const distances = new Map<string, number>(changed.map(file => [file, 0]))
  // Breadth first: a map gives its keys in the order in which they came, those that come meanwhile included.
  for (const [file, distance] of distances)
    for (const importer of importers.get(file) ?? [])
      if (!distances.has(importer)) distances.set(importer, distance + 1)
  return [...distances]
    .filter(([file]) => file.endsWith('.test.ts') && graph.has(file))
    .map(([test, imports]) => ({ test, distance: distanceOf(test, imports, changed) }))
    .sort((a, b) => a.distance - b.distance || (a.test < b.test ? -1 : 1))
}

function distanceOf(test: string, imports: number, changed: readonly string[]): number {
  if (imports === 0 || changed.includes(test.replace(/\.test\.ts$/, '.ts'))) return 0
  return changed.some(file => dirname(file) === dirname(test)) ? 1 : imports + 1
}

/** Reads what every source of a clone imports. */
export function graphOf(root: string): Graph {
  const graph = new Map<string, readonly string[]>()
  for (const room of ROOMS)
    for (const name of readdirSync(join(root, room), { recursive: true, encoding: 'utf8' })) {
      if (!name.endsWith('.ts') || name.endsWith('.d.ts')) continue
      const file = `${room}/${name.replaceAll('\\', '/')}`
      graph.set(file, importsIn(file, readFileSync(join(root, file), 'utf8')))
    }
  return graph
}

/** Where one module names another: imports and exports but those of types, imports when asked for, modules of threads. */
const NAMED = [
  /^\s*(?:import|export)\b(?!\s+type\b)[^'";]*?\bfrom\s+'([^']+)'/gm,
  /^\s*import\s+'([^']+)'/gm,
  /\bimport\(\s*'([^']+)'\s*\)/g,
  /\bnew URL\(\s*'([^']+\.js)',\s*import\.meta\.url/g,
]

/** The sources that a text imports when it runs. A type that changes is the compiler's to judge. */
export function importsIn(file: string, text: string): string[] {
  const found = new Set<string>()
  for (const named of NAMED)
    for (const [, name = ''] of text.matchAll(named)) {
      const path = name.startsWith('#')
        ? name.slice(1)
        : name.startsWith('.') && posix.join(dirname(file), name)
      // A text that is written for somebody else's file names what that will have.
      if (path !== false && path.endsWith('.js') && !path.includes('${'))
        found.add(path.replace(/\.js$/, '.ts'))
    }
  return [...found]
}

function importersIn(graph: Graph): Map<string, string[]> {
  const importers = new Map<string, string[]>()
  for (const [file, imports] of graph)
    for (const imported of imports) {
      const known = importers.get(imported)
      if (known) known.push(file)
      else importers.set(imported, [file])
    }
  return importers
}

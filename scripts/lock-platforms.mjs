// Writes the lock file's entries for platforms whose DuckDB package the registry at hand does not serve. npm leaves an
// optional package that it cannot fetch out of the lock, and then `npm ci` refuses the lock on every machine. An entry
// without an integrity sum is complete for npm: it is skipped where os, cpu or libc differ, and fetched where they fit.
// Run it after `npm install` has changed package-lock.json.
import { readFileSync, writeFileSync } from 'node:fs'

const FILE = new URL('../package-lock.json', import.meta.url)
const PREFIX = 'node_modules/@duckdb/node-bindings'

const lock = JSON.parse(readFileSync(FILE, 'utf8'))
const wanted = lock.packages[PREFIX].optionalDependencies
for (const [name, version] of Object.entries(wanted)) {
  const [os, cpu, musl] = name.slice('@duckdb/node-bindings-'.length).split('-')
  const libc = os === 'linux' ? { libc: [musl ?? 'glibc'] } : {}
  lock.packages[`node_modules/${name}`] ??= {
    version,
    cpu: [cpu],
    ...libc,
    license: 'MIT',
    optional: true,
    os: [os],
  }
}
lock.packages = Object.fromEntries(
  Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)),
)
writeFileSync(FILE, JSON.stringify(lock, null, 2) + '\n')

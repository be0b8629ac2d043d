import { tmpdir } from 'node:os'
import { ALL_VIEWS } from '#projections/registry.js'
import { LOG_TABLES } from '#projections/sinks/duckdb/log-tables.js'
import { Session } from '#projections/sinks/duckdb/session.js'

/** `docs/SQL.md` between its markers: every table with its columns and their types, as the database names them. */
export async function sqlMarkdown(): Promise<string> {
  const facts = {
    ...{ dir: '', mode: '', source: '', parent: '', status: '', head: '', startedUs: 0, tag: '' },
    configDigest: '',
  }
  const none = { runId: '', segments: [], lastSeq: 0, facts, views: new Map<string, string>() }
  const session = await Session.open({ runs: [none], query: '', temporary: tmpdir() })
  const describe = async (name: string): Promise<string> => {
    const result = await session.stream(`DESCRIBE ${name}`)
    const rows = (await result.getRows()) as unknown as readonly (readonly string[])[]
    return rows.map(([column, type]) => `\`${column ?? ''}\` ${type ?? ''}`).join(' · ')
  }
  const tables = [
    { name: 'runs', doc: 'The runs of the query, as their small files and their logs say.' },
    ...LOG_TABLES,
    ...ALL_VIEWS.filter(({ file }) => !file.endsWith('.toml')).map(({ name, file }) => ({
      name: `views.${name}`,
      doc: `[\`${file}\`](${name.startsWith('arb_') ? 'arb-tables.md' : 'VIEWS.md'}); a cell that is empty there is NULL here, unless it is text.`,
    })),
  ]
  const parts: string[] = []
  for (const { name, doc } of tables)
    parts.push(`### \`${name}\`\n\n${doc}\n\n${await describe(name)}\n`)
  session.close()
  return parts.join('\n')
}

import type { Database } from 'better-sqlite3'

/** Tables that are of no collector. */
const OTHERS = "('runs', 'run_views')"

/** Copies every table of collectors out of another file into a database that has none of their rows: all of them or none. */
export function copyTables(db: Database, file: string): void {
  db.prepare('ATTACH ? AS base').run(file)
  try {
    const copy = db.transaction(() => {
      const tables = db
        .prepare(
          `SELECT name, sql FROM base.sqlite_master WHERE type = 'table' AND name NOT IN ${OTHERS}`,
        )
        .all() as { name: string; sql: string }[]
      for (const { name, sql } of tables) {
        db.exec(sql.replace(/^CREATE TABLE (IF NOT EXISTS )?/, 'CREATE TABLE IF NOT EXISTS '))
        db.exec(`INSERT INTO main."${name}" SELECT * FROM base."${name}"`)
      }
    })
    copy.immediate()
  } finally {
    db.exec('DETACH base')
  }
}

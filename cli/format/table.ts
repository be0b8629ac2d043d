/** Rows as aligned text; numbers to the right. The first row is the heading. */
export function tableOf(rows: readonly (readonly string[])[]): string[] {
  const [heading = []] = rows
  const widths = heading.map((_, k) => Math.max(...rows.map(row => (row[k] ?? '').length)))
  const isNumber = heading.map((_, k) =>
    rows.slice(1).every(row => /^[−$\d.,%-]*$/.test(row[k] ?? '')),
  )
  return rows.map(row =>
    row
      .map((cell, k) => (isNumber[k] ? cell.padStart(widths[k] ?? 0) : cell.padEnd(widths[k] ?? 0)))
      .join('  ')
      .trimEnd(),
  )
}

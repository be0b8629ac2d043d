/** Rows as a table in Markdown; the first is the heading. What a cell holds stays text: it ends no cell and makes no tag. */
export function markdownTable([heading = [], ...rows]: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.map(cellOf).join(' | ')} |`
  return [line(heading), line(heading.map(() => '---')), ...rows.map(line)]
}

const cellOf = (text: string): string =>
  text
    .replaceAll('\\', '\\\\')
    .replaceAll('|', '\\|')
    .replaceAll('<', '&lt;')
    .replaceAll(/[\r\n]+/g, ' ')

/** Text as it may stand in an element or in a quoted attribute: what a feed says makes no tag and ends none. */
export const escaped = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')

/** Rows as a table, the first of them its heading; every cell is text. */
export function htmlTable([heading = [], ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[], tag: 'th' | 'td'): string =>
    `<tr>${cells.map(cell => `<${tag}>${escaped(cell)}</${tag}>`).join('')}</tr>`
  return `<table><thead>${line(heading, 'th')}</thead><tbody>${rows.map(row => line(row, 'td')).join('')}</tbody></table>`
}

/** A part of the page. `body` is markup already. */
export const section = (title: string, body: string): string =>
  `<section><h2>${escaped(title)}</h2>${body}</section>`

/** A whole page that needs nothing else: no script, no network. */
export const page = (title: string, body: string): string =>
  [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    `<title>${escaped(title)}</title><style>${STYLE}</style></head>`,
    `<body><h1>${escaped(title)}</h1>${body}</body></html>`,
    '',
  ].join('\n')

const STYLE = `
:root { --ink: #1b1f24; --paper: #ffffff; --faint: #6a737d; --line: #d0d7de; --one: #0a58ca; --two: #b3361e; --three: #1a7f37 }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6edf3; --paper: #0d1117; --faint: #8b949e; --line: #30363d; --one: #6cb6ff; --two: #ff8f73; --three: #57d06f }
}
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.5rem } h2 { font-size: 1.1rem; margin-top: 2rem } h3 { font-size: 1rem; font-weight: 600 }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; display: block; overflow-x: auto }
th, td { text-align: left; padding: .2rem .8rem .2rem 0; border-bottom: 1px solid var(--line); white-space: nowrap }
svg { width: 100%; height: auto; display: block } svg text { fill: var(--faint); font: 11px system-ui, sans-serif }
.axis { stroke: var(--line); stroke-width: 1 } .line { fill: none; stroke: var(--one); stroke-width: 1.5 }
.below { fill: none; stroke: var(--two); stroke-width: 1.5 } .bar { fill: var(--one) } .buy { fill: var(--three) } .sell { fill: var(--two) }
.faint { color: var(--faint) } code { overflow-wrap: anywhere }
`.trim()

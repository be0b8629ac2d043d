import type ts from 'typescript'

/** A place in a file that breaks a rule of strategies: line and column from 1, and what stands there. */
export interface Breach {
  readonly line: number
  readonly column: number
  readonly what: string
}

/** The one module that a file may import, and the kit that its test may import besides. */
export const PUBLIC_MODULE = 'polaris/strategy'

const CLOCK = 'reads a clock: the time of an input is context.tUs'
const CHANCE = 'is random: the same inputs must give the same decisions'
const OUTSIDE = 'reaches outside of the engine: what a strategy needs is an event or a parameter'
const LATER = 'acts later than it is called: a timer is an intent'
const CODE = 'makes code while it runs'
const LOCALE = 'depends on the language of the machine'
const INEXACT = 'is not the same on every machine: + − × ÷ and Math.sqrt are'

/** Globals that no strategy may name. */
const GLOBALS: Readonly<Record<string, string>> = {
  Date: CLOCK,
  performance: CLOCK,
  Temporal: CLOCK,
  crypto: CHANCE,
  ...sharing(OUTSIDE, 'process global globalThis window self console Buffer fetch WebSocket'),
  ...sharing(OUTSIDE, 'XMLHttpRequest Worker navigator require module exports'),
  ...sharing(OUTSIDE, '__dirname __filename Atomics SharedArrayBuffer'),
  ...sharing(LATER, 'setTimeout setInterval setImmediate queueMicrotask Promise'),
  ...sharing(CODE, 'eval Function WebAssembly'),
  ...sharing('depends on what memory is free', 'WeakRef FinalizationRegistry'),
  Intl: LOCALE,
}

/** Members that no strategy may ask for, whatever they are members of. */
const MEMBERS: Readonly<Record<string, string>> = {
  ...sharing(CODE, 'constructor __proto__ prototype'),
  ...sharing(LOCALE, 'toLocaleString localeCompare toLocaleLowerCase toLocaleUpperCase'),
}

/** Names that a file of a strategy does not see, whatever it says. */
export const HIDDEN: readonly string[] = Object.keys(GLOBALS).filter(
  name => name !== 'eval' && name !== 'require' && name !== 'exports',
)

const EXACT = new Set(
  'abs ceil clz32 floor fround imul max min round sign sqrt trunc PI E'.split(' '),
)

/** Everything in a file that would let it decide by more than its events, in the order of the file. */
export function breachesIn(file: ts.SourceFile, api: typeof ts): readonly Breach[] {
  const found: Breach[] = []
  const visit = (node: ts.Node): void => {
    const what = wrongWith(node, api)
    if (what !== undefined) {
      const { line, character } = file.getLineAndCharacterOfPosition(node.getStart(file))
      found.push({ line: line + 1, column: character + 1, what })
    }
    // Types are gone before anything runs.
    if (!api.isTypeNode(node) || api.isExpressionWithTypeArguments(node))
      api.forEachChild(node, visit)
  }
  for (const statement of file.statements) visit(statement)
  return found
}

function wrongWith(node: ts.Node, api: typeof ts): string | undefined {
  if (api.isImportDeclaration(node) || api.isExportDeclaration(node)) return wrongImport(node, api)
  if (api.isImportEqualsDeclaration(node)) return `'import =' ${OUTSIDE}`
  if (api.isMetaProperty(node)) return `${node.getText()} ${OUTSIDE}`
  if (api.isCallExpression(node) && node.expression.kind === api.SyntaxKind.ImportKeyword)
    return `import(…) ${OUTSIDE}`
  if (api.isAwaitExpression(node) || isAsync(node, api)) return `async ${LATER}`
  if (isPower(node, api)) return `** ${INEXACT}`
  if (api.isVariableStatement(node) && node.parent.kind === api.SyntaxKind.SourceFile)
    return (node.declarationList.flags & api.NodeFlags.Const) === 0
      ? 'let outside of functions is a memory that no checkpoint has: what is remembered begins in init'
      : undefined
  if (api.isPropertyAccessExpression(node)) return wrongMember(node, node.name.text, api)
  if (api.isElementAccessExpression(node) && api.isStringLiteralLike(node.argumentExpression))
    return wrongMember(node, node.argumentExpression.text, api)
  if (api.isIdentifier(node)) return wrongName(node, api)
  return undefined
}

function wrongImport(
  node: ts.ImportDeclaration | ts.ExportDeclaration,
  api: typeof ts,
): string | undefined {
  const from = node.moduleSpecifier
  if (!from || !api.isStringLiteral(from) || from.text === PUBLIC_MODULE) return undefined
  return `'${from.text}' may not be imported: ${PUBLIC_MODULE} is all that a strategy needs`
}

function wrongMember(
  { expression }: ts.PropertyAccessExpression | ts.ElementAccessExpression,
  name: string,
  api: typeof ts,
): string | undefined {
  if (Object.hasOwn(MEMBERS, name)) return `.${name} ${MEMBERS[name] ?? ''}`
  if (!api.isIdentifier(expression) || expression.text !== 'Math' || EXACT.has(name))
    return undefined
  return `Math.${name} ${name === 'random' ? CHANCE : INEXACT}`
}

/** A name where it stands for a value; not where it names a member or a key. */
function wrongName(node: ts.Identifier, api: typeof ts): string | undefined {
  const { parent, text } = node
  if (api.isPropertyAccessExpression(parent) && parent.name === node) return undefined
  if (api.isPropertyAssignment(parent) && parent.name === node) return undefined
  if (api.isTypeElement(parent) || api.isMethodDeclaration(parent)) return undefined
  if (text === 'Math')
    return api.isPropertyAccessExpression(parent) || isNamed(parent, api)
      ? undefined
      : `Math as a whole ${INEXACT}`
  return Object.hasOwn(GLOBALS, text) ? `${text} ${GLOBALS[text] ?? ''}` : undefined
}

/** `Math['floor']`: the member is known. */
const isNamed = (node: ts.Node, api: typeof ts): boolean =>
  api.isElementAccessExpression(node) && api.isStringLiteralLike(node.argumentExpression)

function isPower(node: ts.Node, { isBinaryExpression, SyntaxKind }: typeof ts): boolean {
  if (!isBinaryExpression(node)) return false
  const { kind } = node.operatorToken
  return (
    kind === SyntaxKind.AsteriskAsteriskToken || kind === SyntaxKind.AsteriskAsteriskEqualsToken
  )
}

const isAsync = (node: ts.Node, api: typeof ts): boolean =>
  api.isFunctionLike(node) &&
  api.canHaveModifiers(node) &&
  (api.getModifiers(node) ?? []).some(({ kind }) => kind === api.SyntaxKind.AsyncKeyword)

function sharing(why: string, names: string): Readonly<Record<string, string>> {
  return Object.fromEntries(names.split(' ').map(name => [name, why]))
}

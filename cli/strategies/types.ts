import { resolve } from 'node:path'
import type ts from 'typescript'
import { compiler } from './compile.js'
import { PUBLIC_MODULE } from './rules.js'

/** The clone: its sources are the types. */
const ROOT = resolve(import.meta.dirname, '..', '..', '..')

/**
 * What the compiler has against a file of a strategy, a line each: `file:line:column what`. It knows the public module and the
 * language, and nothing of the machine.
 */
export function typeFaultsIn(file: string, source: string): readonly string[] {
  const api = compiler()
  const options: ts.CompilerOptions = {
    target: api.ScriptTarget.ES2023,
    lib: ['lib.es2023.d.ts'],
    module: api.ModuleKind.NodeNext,
    moduleResolution: api.ModuleResolutionKind.NodeNext,
    moduleDetection: api.ModuleDetectionKind.Force,
    strict: true,
    noUncheckedIndexedAccess: true,
    noImplicitReturns: true,
    noFallthroughCasesInSwitch: true,
    skipLibCheck: true,
    noEmit: true,
    types: [],
    paths: {
      [PUBLIC_MODULE]: [resolve(ROOT, 'engine/strategies/public.ts')],
      ...Object.fromEntries(
        ['schemas', 'engine'].map(room => [`#${room}/*`, [resolve(ROOT, room, '*')]]),
      ),
    },
  }
  const host = api.createCompilerHost(options, true)
  const read = host.getSourceFile.bind(host)
  host.getSourceFile = (name, ...rest) =>
    resolve(name) === resolve(file)
      ? api.createSourceFile(name, source, api.ScriptTarget.ES2023, true)
      : read(name, ...rest)
  const program = api.createProgram([file], options, host)
  const own = program.getSourceFile(file)
  if (!own) return [`${file}:1:1 the compiler cannot read it`]
  return [...program.getSyntacticDiagnostics(own), ...program.getSemanticDiagnostics(own)].map(
    ({ start = 0, messageText }) => {
      const { line, character } = own.getLineAndCharacterOfPosition(start)
      const what = api.flattenDiagnosticMessageText(messageText, ' ').replaceAll(/\s+/g, ' ')
      return `${file}:${line + 1}:${character + 1} ${what}`
    },
  )
}

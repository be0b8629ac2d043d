import { Refusal } from './command.js'

/** What a secret is typed at. */
export interface Terminal {
  readonly input: NodeJS.ReadableStream & {
    readonly isTTY?: boolean
    readonly setRawMode?: (isRaw: boolean) => unknown
  }
  readonly output: NodeJS.WritableStream
}

/** Characters that a secret may have: whoever leans on a key shall not fill the memory. */
const SECRET_MAX = 4_096

/** The terminal of this process; the question goes to stderr, so that stdout stays what a script reads. */
export const OWN_TERMINAL: Terminal = { input: process.stdin, output: process.stderr }

/** Asks for a secret without echo; undefined where there is no terminal to ask at. A Refusal on Ctrl-C or Ctrl-D. */
export async function askHidden(
  question: string,
  { input, output }: Terminal = OWN_TERMINAL,
): Promise<string | undefined> {
  if (input.isTTY !== true || input.setRawMode === undefined) return undefined
  output.write(`${question}: `)
  input.setRawMode(true)
  try {
    return await lineOf(input)
  } finally {
    input.setRawMode(false)
    input.pause()
    output.write('\n')
  }
}

function lineOf(input: Terminal['input']): Promise<string> {
  return new Promise((resolve, reject) => {
    let typed: string[] = []
    const end = (act: () => void): void => {
      input.removeListener('data', take)
      act()
    }
    const stopped = (): void =>
      reject(new Refusal('stopped', 'nothing was entered', 'the terminal', 'the secret, and Enter'))
    const take = (chunk: Buffer | string): void => {
      for (const character of String(chunk)) {
        if (character === '\r' || character === '\n') {
          end(() => resolve(typed.join('')))
          return
        }
        if (character === '\u0003' || character === '\u0004') {
          end(stopped)
          return
        }
        if (character === '\u007f' || character === '\b') typed = typed.slice(0, -1)
        else if (typed.length < SECRET_MAX) typed.push(character)
      }
    }
    input.setEncoding('utf8')
    input.on('data', take)
    input.resume()
  })
}

import { scanApi } from '../backend.js'
import { Refusal, textOf, wordOf, type Command } from '../command.js'
import { checkKey } from '../seal-key.js'
import { FOLDERS, runDirOf } from '../runs.js'

const USAGE = 'verify DIR [--head HEX] [--key FILE]'

/** `polaris verify`: is every byte of a run as it was written? */
export const verifyCommand: Command = {
  name: 'verify',
  summary: 'prove that no byte of a run was changed, or say where it was',
  usage: USAGE,
  example: 'verify runs/demo',
  options: { head: { type: 'string' }, key: { type: 'string' } },
  help: {
    '--head HEX': 'a head that you kept elsewhere: the log must have passed through it',
    '--key FILE': 'public Ed25519 key (PEM): the seal must be signed with it',
  },
  run: async call => {
    const dir = runDirOf(wordOf(call, 0, 'DIR', USAGE), call.values)
    const head = textOf(call.values, 'head')
    const keyFile = textOf(call.values, 'key')
    if (head !== undefined && !/^[0-9a-f]{64}$/.test(head))
      throw new Refusal('usage', `--head is '${head}'`, '--head', '64 lower-case hex digits')
    const found = await FOLDERS.verify(dir, {
      api: scanApi(),
      ...(head === undefined ? {} : { head }),
      ...(keyFile === undefined ? {} : { key: checkKey(keyFile) }),
    })
    const { status, sealed, lastSeq, commits, provenTo, tornBytes, firstBad } = found
    if (status === 'unreadable') {
      const message = found.cause ?? 'there is no log'
      call.note(`polaris: ${message}\n  where: ${dir}\n  expected: the directory of a run`)
      const error = { code: status, message, where: dir, expected: 'the directory of a run' }
      return { code: 2, json: { ...found, error } }
    }
    if (firstBad) {
      call.say(
        `damaged at ${firstBad.file}:${firstBad.line}, byte ${firstBad.byte}: ${firstBad.message}`,
      )
      call.say(`whole up to event ${lastSeq} (commit ${commits}), where the head is ${found.head}`)
    } else {
      call.say(`${status}: ${lastSeq} events in ${commits} commits, ${sealed ? 'sealed' : 'open'}`)
      call.say(`head ${found.head}`)
      const doubt = provenTo < lastSeq ? ': a cut behind it would look like a crash' : ''
      call.say(`proven to ${provenTo}${doubt}`)
      if (tornBytes > 0) call.say(`${tornBytes} torn bytes behind the last whole commit`)
    }
    return { code: status === 'intact' ? 0 : 1, json: found }
  },
}

import { BACKEND_HELP, backendOf, servingOf } from '../backend.js'
import { textOf, wholeOf, wordOf, type Command } from '../command.js'
import { filesOnFlags } from '../config.js'
import { replayRun } from '../replay-run.js'
import { runDirOf } from '../runs.js'

const USAGE = 'replay DIR [--verify] [--until SEQ] [--backend B]'

/** `polaris replay`: run a log again and compare every line that it makes with the line that stands there. */
export const replayCommand: Command = {
  name: 'replay',
  summary: 'run a log again and prove that the same inputs give the same bytes',
  usage: USAGE,
  example: 'replay runs/demo --verify',
  options: { verify: { type: 'boolean' }, until: { type: 'string' }, backend: { type: 'string' } },
  help: {
    '--verify': 'exit 1 and name the first divergence unless every line is identical',
    '--until SEQ':
      'stop behind the turn of this sequence number; without --verify from the nearest checkpoint',
    '--backend B': BACKEND_HELP,
  },
  run: async call => {
    const dir = runDirOf(wordOf(call, 0, 'DIR', USAGE), call.values)
    const backend = backendOf(textOf(call.values, 'backend') ?? 'auto', 'replay')
    const untilSeq = wholeOf(call.values, 'until', 1)
    const isWhole = call.values['verify'] === true
    const serving = servingOf(backend, line => {
      call.note(line)
    })
    const { result } = await replayRun(dir, {
      parts: serving.parts,
      api: serving.api,
      files: filesOnFlags(call.values),
      fromCheckpoint: !isWhole && untilSeq !== undefined,
      remark: line => {
        call.note(line)
      },
      ...(untilSeq === undefined ? {} : { untilSeq }),
      progress: seq => {
        call.progress(`${seq.toLocaleString('en')} events`)
      },
    }).finally(serving.close)
    const { identical, firstDivergence: found, head: _head, ...rest } = result
    const facts = { ...rest, backend }
    if (facts.fromSeq > 0) call.say(`begins at the checkpoint behind event ${facts.fromSeq}`)
    call.say(`${facts.lastSeq} events: ${facts.inputs} inputs, ${facts.decisions} decisions`)
    call.say(`state ${facts.stateHash}`)
    if (identical) call.say(`identical, at ${facts.eventsPerSecond.toLocaleString('en')} events/s`)
    if (found) {
      call.say(`diverges first at sequence ${found.seq}`)
      call.say(`  log     ${found.expected || '(nothing)'}`)
      call.say(`  replay  ${found.got || '(nothing)'}`)
    }
    const { proven, wrong } = facts.checkpoints
    if (isWhole && proven > 0) call.say(`${proven} checkpoints are what the log gives`)
    for (const seq of wrong) call.say(`checkpoint ${seq} is not what the log gives: remove it`)
    const isNo = isWhole && (!identical || wrong.length > 0)
    return { code: isNo ? 1 : 0, json: { identical, ...facts, firstDivergence: found } }
  },
}

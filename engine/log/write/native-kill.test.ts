import t from 'tap'
import { loadAddon } from '#engine/native/addon.js'
import { killedWriters } from '../testing/killed.js'

// Fewer than of the other writer: a native one writes more before it dies, and each death is verified from the start.
const KILLS = process.env['POLARIS_LONG'] === '1' ? 20 : 10
const addon = loadAddon()
const skip = typeof addon === 'string' ? addon : false

void t.test(
  `a native writer killed ${KILLS} times loses nothing that it acknowledged`,
  { skip },
  t => killedWriters(t, { kills: KILLS, writers: ['native'] }),
)

void t.test(`writers in turn killed ${KILLS} times lose nothing`, { skip }, t =>
  killedWriters(t, { kills: KILLS, writers: ['native', 'ts'] }),
)

import t from 'tap'
import { killedWriters } from '../testing/killed.js'

const KILLS = process.env['POLARIS_LONG'] === '1' ? 50 : 25

void t.test(`a writer killed ${KILLS} times loses nothing that it acknowledged`, t =>
  killedWriters(t, { kills: KILLS, writers: ['ts'] }),
)

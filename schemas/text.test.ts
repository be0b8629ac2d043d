import t from 'tap'
import { shown, wellFormed } from './text.js'

t.test('half a character becomes the sign for one; whole ones stay', async t => {
  t.equal(wellFormed('a\uD83Db \uDE00 😀 é'), 'a\uFFFDb \uFFFD 😀 é')
})

t.test('nothing that a terminal obeys is shown to it', async t => {
  t.equal(shown('a\tb\nc'), 'a\tb\nc')
  t.equal(shown('\u001b[31m\u0007\u009b\u202e日'), '\\u001b[31m\\u0007\\u009b\\u202e日')
})

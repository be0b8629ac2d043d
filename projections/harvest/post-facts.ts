/** What can be told of a post by its text alone. */
export interface PostFacts {
  readonly isReply: boolean
  readonly isRetweet: boolean
  readonly hasUrl: boolean
  readonly language: string
  /** Characters, not units of UTF-16. */
  readonly length: number
}

/** Scripts that few languages share, the most telling first: Japanese is written with Chinese characters too, Ukrainian with Russian ones. */
const SCRIPTS: readonly (readonly [language: string, letters: RegExp])[] = [
  ['ja', /[\p{Script=Hiragana}\p{Script=Katakana}]/u],
  ['zh', /\p{Script=Han}/u],
  ['ko', /\p{Script=Hangul}/u],
  ['ar', /\p{Script=Arabic}/u],
  ['he', /\p{Script=Hebrew}/u],
  ['uk', /[іїєґІЇЄҐ]/u],
  ['ru', /\p{Script=Cyrillic}/u],
  ['el', /\p{Script=Greek}/u],
  ['hi', /\p{Script=Devanagari}/u],
  ['th', /\p{Script=Thai}/u],
  ['latin', /\p{Script=Latin}/u],
]

/** Reads a post. Names and addresses say nothing of its language. */
export function postFacts(text: string): PostFacts {
  const own = text.replaceAll(/https?:\/\/\S+|@\w+|#\w+/gu, ' ')
  return {
    isReply: text.startsWith('@'),
    isRetweet: text.startsWith('RT '),
    hasUrl: /https?:\/\/\S/u.test(text),
    language: SCRIPTS.find(([, letters]) => letters.test(own))?.[0] ?? 'und',
    length: Array.from(text).length,
  }
}

/** The words of a text, in small letters: what a keyword is compared with. No locale has a say. */
export const wordsOf = (text: string): readonly string[] =>
  text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []

/** Whether a text has a keyword as whole words, one behind the other: "rate" is not in "corporate". */
export function hasKeyword(words: readonly string[], keyword: string): boolean {
  const wanted = wordsOf(keyword)
  if (wanted.length === 0) return false
  for (let from = 0; from + wanted.length <= words.length; from++)
    if (wanted.every((word, k) => words[from + k] === word)) return true
  return false
}

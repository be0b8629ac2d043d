/** Text as it may be recorded: a half of a character, which no UTF-8 can hold, becomes the sign for one. */
export const wellFormed = (text: string): string => text.replaceAll(/\p{Surrogate}/gu, '\uFFFD')

/** What a terminal would obey instead of showing: control characters, and those that turn the direction of text. */
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g

/** Text as a terminal may show it, line breaks and tabs as they are: every other control character by its number. */
export const shown = (text: string): string =>
  text.replaceAll(UNSEEN, char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)

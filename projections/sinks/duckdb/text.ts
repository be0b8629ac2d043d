/** A text as an SQL literal. */
export const textOf = (text: string): string => `'${text.replaceAll("'", "''")}'`

/** Letters that a decomposition leaves as they are. */
const WHOLE: Readonly<Record<string, string>> = { œ: 'oe', æ: 'ae', ß: 'ss', ø: 'o', ł: 'l', đ: 'd', ð: 'd', þ: 'th' }

/** Lower case without accents: `Crème Brûlée` and `creme brulee` are one (Unicode, NFD without marks). */
export const folded = (text: string): string =>
  text
    .toLowerCase()
    .normalize('NFD')
    .replace(/\p{M}+/gu, '')
    .replace(/[œæßøłđðþ]/g, (letter) => WHOLE[letter] ?? letter)

/** Words and numbers of a text, folded. */
export const wordsOf = (text: string): readonly string[] => folded(text).match(/[\p{L}\p{N}]+/gu) ?? []

/** A word without the plural of English and French, where it is surely one: `shirts`, `bodies`, `gateaux`. */
export function singular(word: string): string {
  if (word.length > 4 && word.endsWith('ies')) return `${word.slice(0, -3)}y`
  if (word.length > 4 && word.endsWith('eaux')) return word.slice(0, -1)
  return word.length > 3 && word.endsWith('s') && !word.endsWith('ss') ? word.slice(0, -1) : word
}

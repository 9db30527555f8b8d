const escaped = (text: string): string => (/[\\|]/.test(text) ? text.replace(/[\\|]/g, '\\$&') : text)

/**
 * The text whose UTF-8 bytes are a record's key: one field as it is, several joined by `|` with `|` and `\` escaped by
 * `\`, so that two different keys never share a text. Null is `\N`. No schema id: any producer of any language can make it.
 */
export function keyText(values: readonly unknown[]): string {
  if (values.length === 1) return values[0] === null || values[0] === undefined ? '\\N' : String(values[0])
  let text = ''
  for (let i = 0; i < values.length; i++) {
    const value = values[i]
    if (i > 0) text += '|'
    text += value === null || value === undefined ? '\\N' : escaped(String(value))
  }
  return text
}

/** The inverse of `keyText`: the texts of so many fields; other than so many where the key is of other fields. */
export function keyTexts(text: string, fields: number): readonly string[] {
  if (fields === 1) return [text]
  const parts = ['']
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '|') parts.push('')
    else {
      if (text[i] === '\\') i++
      parts[parts.length - 1] += text[i] ?? ''
    }
  }
  return parts
}

import type { Column, Row } from '../relation.ts'

/** RFC 4180 with a header line; null is empty, and text that is empty is `""`. */
export function csvOf(columns: readonly Column[], rows: readonly Row[]): Buffer {
  const lines = [columns.map(({ name }) => cell(name)).join(',')]
  for (const row of rows) lines.push(columns.map(({ name }) => cell(row[name])).join(','))
  return Buffer.from(`${lines.join('\r\n')}\r\n`)
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return ''
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value)
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

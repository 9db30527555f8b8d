import type { Format } from '../parameters.ts'
import { Refusal } from '../refusal.ts'

export const mediaTypes: Readonly<Record<Format, string>> = {
  json: 'application/json',
  csv: 'text/csv; charset=utf-8; header=present',
  arrow: 'application/vnd.apache.arrow.stream',
}

/** The format that `?format=` or the Accept header (RFC 9110, 12.5.1) asks for; JSON for who accepts anything. */
export function formatOf(asked: Format | undefined, accept: string | undefined, possible: readonly Format[]): Format {
  if (asked !== undefined) return asked
  if (accept === undefined || accept.trim() === '') return 'json'
  const wanted = accept
    .split(',')
    .map((part, at) => {
      const [range = '', ...options] = part.split(';').map((piece) => piece.trim().toLowerCase())
      const quality = Number(options.find((option) => option.startsWith('q='))?.slice(2) ?? 1)
      return { range, quality: Number.isNaN(quality) ? 0 : quality, at }
    })
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality || a.at - b.at)
  for (const { range } of wanted) {
    const found = possible.find((format) => matches(range, mediaTypes[format].split(';')[0] ?? ''))
    if (found !== undefined) return found
  }
  const types = possible.map((format) => mediaTypes[format].split(';')[0]).join(', ')
  throw new Refusal({
    ...{ status: 406, title: 'Not Acceptable', detail: `Accept names none of ${types}` },
    errors: [{ field: 'Accept', reason: `names none of ${types}` }],
  })
}

const matches = (range: string, type: string): boolean =>
  range === '*/*' || range === type || (range.endsWith('/*') && type.startsWith(range.slice(0, -1)))

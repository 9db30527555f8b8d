import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** What browsers load: the snippet without comments and indentation, below 2 KB, and its ETag. */
export function browserSnippet(): { readonly text: string; readonly etag: string } {
  const source = readFileSync(fileURLToPath(new URL('./snippet.mjs', import.meta.url)), 'utf8')
  const text = source.replace(/^\/\/.*\n/gm, '').replace(/^ +/gm, '')
  return { text, etag: `"${createHash('sha256').update(text).digest('hex').slice(0, 16)}"` }
}

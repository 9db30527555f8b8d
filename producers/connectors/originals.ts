/** A bucket as connectors need it: what is taken is kept there byte for byte, and files may come from there. */
export interface ObjectFiles {
  /** Writes a file under the key; the same bytes under the same key, however often. Retriable SERVICE_UNAVAILABLE. */
  putFile(key: string, path: string): Promise<void>
  put(key: string, body: Uint8Array, contentType: string): Promise<void>
  /** Writes the object to a file; false where there is none. */
  getFile(key: string, path: string): Promise<boolean>
  list(prefix: string): Promise<readonly { readonly key: string; readonly bytes: number; readonly modified: number }[]>
}

/**
 * `raw/<source>/<date>/<file>`: where an original is kept; the date is the day (UTC) on which the file was last written. A
 * file of another content that would lie in the same place has the beginning of its hash in its name.
 */
export function originalKey(
  source: string,
  file: { readonly name: string; readonly sha256: string; readonly modified: number },
  taken: (key: string) => boolean,
): string {
  const folder = `raw/${source}/${new Date(file.modified).toISOString().slice(0, 10)}`
  const key = `${folder}/${file.name}`
  if (!taken(key)) return key
  return `${folder}/${file.name.replace(/(\.[^./]+)?$/, (ending) => `~${file.sha256.slice(0, 12)}${ending}`)}`
}

/** Keeps an original, and its sha256 beside it as `sha256sum` writes it: `<file>.sha256`. */
export async function keepOriginal(objects: ObjectFiles, key: string, path: string, sha256: string): Promise<void> {
  const sum = Buffer.from(`${sha256}  ${key.split('/').at(-1)}\n`)
  await Promise.all([objects.putFile(key, path), objects.put(`${key}.sha256`, sum, 'text/plain')])
}

import type { ObjectFiles } from '../originals.ts'
import type { FilesSource } from './config.ts'
import { hashOf } from './landing.ts'
import type { FileEntry } from './ledger.ts'
import { readerOf } from './reader.ts'

/**
 * Records of a file's original, counted from the bucket: a second opinion on what was taken. -1 where the original is gone or is
 * not what its hash says, or where the source has no such files any more.
 * @param path where it may be put
 */
export async function recount(
  source: FilesSource,
  { name, original, sha256 }: FileEntry,
  objects: Pick<ObjectFiles, 'getFile'>,
  path: string,
): Promise<number> {
  const kind = source.kinds.find(({ matches }) => matches(name))
  if (kind === undefined || !(await objects.getFile(original, path)) || (await hashOf(path)).sha256 !== sha256)
    return -1
  let records = 0
  for await (const batch of readerOf(kind.format)(path)) records += batch.length
  return records
}

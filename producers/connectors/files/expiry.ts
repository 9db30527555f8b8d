import type { ObjectFiles } from '../originals.ts'
import type { FilesSource } from './config.ts'
import type { FileEntry } from './ledger.ts'

/** When the original of a taken file may go, milliseconds since 1970: Infinity where it stays. */
export const originalDue = ({ keepOriginalsMs }: FilesSource, { endedAt }: FileEntry): number =>
  endedAt === null ? Number.POSITIVE_INFINITY : endedAt + keepOriginalsMs

/**
 * Keys below `raw/<source>/` whose time has come: originals that every sending has taken whole, their hashes, and copies that
 * no file was ever begun with. What a file still needs to be gone on with stays. The bucket is the truth: what is not there
 * is not named, so the caller may be killed anywhere and run again.
 * @param now milliseconds since 1970
 */
export async function expiredOriginals(
  source: FilesSource,
  entries: readonly FileEntry[],
  objects: Pick<ObjectFiles, 'list'>,
  now: number,
): Promise<readonly string[]> {
  const due = new Map<string, number>()
  for (const entry of entries)
    due.set(entry.original, Math.max(due.get(entry.original) ?? 0, originalDue(source, entry)))
  const kept = await objects.list(`raw/${source.name}/`)
  return kept
    .filter(({ key, modified }) => {
      const own = due.get(key) ?? due.get(key.replace(/\.sha256$/, ''))
      return (own ?? modified + source.keepOriginalsMs) <= now
    })
    .map(({ key }) => key)
}

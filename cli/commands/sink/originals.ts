import { readCheckpoints } from '#engine/ingest'
import { systemClock } from '#engine/time'
import { expiredOriginals, filesName, Ledger } from '../../../producers/connectors/files/index.ts'
import { expiredPages } from '../../../producers/connectors/pages/index.ts'
import { ObjectStore } from '../../../sinks/s3/index.ts'
import { openPlatform } from '../../platform.ts'
import { filesSources, pagesSources } from '../../sources.ts'

/** Objects of one source of files that went, or would go. */
export interface ExpiredOriginals {
  readonly source: string
  readonly keys: readonly string[]
}

/** Deletes originals of taken files, and saved pages, whose source keeps them no longer; `dryRun`: only names them. */
export async function expireOriginals(dryRun: boolean): Promise<readonly ExpiredOriginals[]> {
  const platform = openPlatform()
  const objects = new ObjectStore(platform.addresses.s3)
  try {
    const expired: ExpiredOriginals[] = []
    for (const source of filesSources().filter(({ keepOriginalsMs }) => Number.isFinite(keepOriginalsMs))) {
      const { entries } = new Ledger(await readCheckpoints(platform.broker, filesName(source.name)))
      const keys = await expiredOriginals(source, entries, objects, systemClock.now())
      if (!dryRun) await objects.delete(keys)
      expired.push({ source: source.name, keys })
    }
    for (const source of pagesSources()) {
      const keys = await expiredPages(source, objects, systemClock.now())
      if (!dryRun) await objects.delete(keys)
      expired.push({ source: `pages-${source.name}`, keys })
    }
    return expired
  } finally {
    objects.close()
    await platform.close()
  }
}

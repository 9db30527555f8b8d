import { createHash } from 'node:crypto'
import type { AnyTopic } from '#engine/schema'
import { folderOf, mergedKey } from '../layout.ts'
import type { SilverFile } from '../ledger/head.ts'
import type { ObjectStore } from '../object-store.ts'
import { erasedRow, personalOf } from './erased.ts'
import { checkedColumns, MergeWriter } from './merge.ts'

/** The file without the values of the subjects, written under another name; undefined where it holds none. */
export async function erasedSilver(
  store: ObjectStore,
  topic: AnyTopic,
  file: SilverFile,
  subjects: ReadonlySet<string>,
): Promise<{ readonly file: SilverFile; readonly rows: number } | undefined> {
  const fields = personalOf(topic)
  const { schema, names, rows } = await checkedColumns(store, file)
  let found = 0
  const erased = rows.map((row) => {
    const own = erasedRow(row, fields, subjects)
    if (own !== undefined) found++
    return own ?? row
  })
  if (found === 0) return undefined
  const writer = new MergeWriter(topic.name, '', schema, names)
  await writer.add(file, erased)
  const { bytes } = await writer.finish()
  const sha256 = createHash('sha256').update(file.object).update(bytes).digest('hex')
  const object = mergedKey(topic.name, folderOf(file.object), sha256)
  await store.put(object, bytes, 'application/vnd.apache.parquet')
  return { file: { ...file, object, bytes: bytes.length }, rows: found }
}

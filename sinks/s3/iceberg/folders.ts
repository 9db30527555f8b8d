import { KappaError } from '#engine/errors'
import { folderOf, type SilverBy } from '../layout.ts'
import type { TableFile } from './entries.ts'
import type { PartitionSpec } from './schema.ts'

/** What silver's folders are of. */
export const folderKind = (files: readonly TableFile[]): SilverBy =>
  folderOf(files[0]?.object ?? '').startsWith('month=') ? 'month' : 'day'

/** Throws SCHEMA_INCOMPATIBLE where silver's folders are of another kind than the table's partitions. */
export function checkFolders(topic: string, { fields }: PartitionSpec, files: readonly TableFile[]): void {
  const unit = fields[0]?.transform === 'day' ? 'date=' : 'month='
  const other = files.find(({ object }) => !folderOf(object).startsWith(unit))
  if (other !== undefined)
    throw new KappaError(
      'SCHEMA_INCOMPATIBLE',
      `listing ${other.object} in the table of ${topic}: its partitions are of ${unit.slice(0, -1)}s; delete iceberg/${topic}/ and make the table anew`,
    )
}

import type { Command } from 'commander'
import { systemClock } from '#engine/time'
import { loadAddresses } from '../../../deploy/config.ts'
import { type Exported, exportMarts } from '../../../marts/index.ts'
import { GoldShelf, ObjectStore } from '../../../sinks/s3/index.ts'
import { table } from '../stack/table.ts'
import { martsOf, type Selection, withSelection, withWarehouse } from './session.ts'

const help = `
Puts the marts that are published into S3 as Parquet, gold/<dimensions|facts|kpis|analytics>/<mart>/: files named by what
they hold, and last a manifest.json that says which files the mart is. All marts of one export are of one build. What has
not changed is not written again. Each mart has an Apache Iceberg table, iceberg/gold.<mart>/, with a snapshot an export; files of
before are deleted by a later export, an hour after.

Examples:
  kappa marts export
  kappa marts export --select fact_achats --json`

/** `kappa marts export` */
export function registerExport(marts: Command): void {
  withSelection(marts.command('export').description('put marts into S3 as Parquet'))
    .addHelpText('after', help)
    .action(async (flags: Selection) => {
      const store = new ObjectStore(loadAddresses().s3)
      try {
        await store.ensure()
        const done = await withWarehouse((warehouse) =>
          exportMarts({
            warehouse,
            shelf: new GoldShelf(store),
            marts: martsOf(flags),
            clock: systemClock,
            onWritten: ({ mart, rows, files }) => {
              if (flags.json !== true) console.error(`${mart}: ${rows} rows in ${files} files`)
            },
          }),
        )
        console.log(flags.json === true ? JSON.stringify(done, null, 2) : text(done))
      } finally {
        store.close()
      }
    })
}

const text = (done: readonly Exported[]): string =>
  table(
    ['mart', 'rows', 'bytes', 'files', ''],
    done.map(({ mart, category, rows, bytes, files, changed }) => [
      `gold/${category}/${mart}/`,
      String(rows),
      String(bytes),
      String(files.length),
      changed ? 'new' : 'as it was',
    ]),
  )

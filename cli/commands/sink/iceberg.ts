import { Argument, type Command } from 'commander'
import { milliseconds } from '#engine/time'
import { type Refreshed, refreshTable } from '../../../sinks/s3/index.ts'
import { table } from '../stack/table.ts'
import { forTopics, repeatable } from './upkeep.ts'

const help = `
Makes or refreshes one Apache Iceberg table (format version 2) a topic over its silver, under iceberg/<topic>/: one snapshot
of everything visible, over silver's own Parquet files. Nothing changes where nothing is new. Run it every few minutes; once
a table is there, compact and expire refresh it before they delete a file that it names.

Read it by the metadata file that is printed, or by its folder where a reader looks for version-hint.text:
  PyIceberg    StaticTable.from_metadata('s3://…/iceberg/<topic>/metadata/v3.metadata.json')
  ClickHouse   SELECT count() FROM icebergS3('http://…/iceberg/<topic>/', 'key', 'secret')

Examples:
  kappa sink iceberg s3
  kappa sink iceberg s3 --topic shop.masked-clicks.v1 --json`

interface IcebergFlags {
  readonly topic?: readonly string[]
  readonly grace: string
  readonly json?: boolean
}

/** `kappa sink iceberg s3`: one run, then it ends. */
export function registerIceberg(sink: Command): void {
  sink
    .command('iceberg')
    .description('bring the Iceberg tables over silver up to date')
    .addArgument(new Argument('<sink>', 'which').choices(['s3']))
    .option('--topic <name>', 'only this topic; repeatable', repeatable)
    .option('--grace <duration>', 'keep a snapshot for so long after the next one', '1 hour')
    .option('--json', 'for programs')
    .addHelpText('after', help)
    .action(async (_: string, flags: IcebergFlags) => {
      const done = await forTopics(
        flags.topic,
        milliseconds(flags.grace),
        ({ store, contract, clock, fence, graceMs }) => refreshTable({ store, topic: contract, clock, fence, graceMs }),
      )
      const tables = done.filter(({ version }) => version > 0)
      console.log(flags.json === true ? JSON.stringify(tables, null, 2) : text(tables))
    })
}

function text(tables: readonly Refreshed[]): string {
  if (tables.length === 0) return 'No silver yet: kappa sink run s3'
  return table(
    ['topic', 'rows', 'files', 'new', 'gone', 'metadata'],
    tables.map(({ topic, rows, files, added, removed, metadata }) =>
      [topic, rows, files, added, removed, metadata].map(String),
    ),
  )
}

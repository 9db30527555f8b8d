import { Argument, type Command } from 'commander'
import { KappaError } from '#engine/errors'
import { milliseconds } from '#engine/time'
import { type Compaction, compactTopic } from '../../../sinks/s3/index.ts'
import { table } from '../stack/table.ts'
import { forTopics, repeatable } from './upkeep.ts'

const help = `
Puts the small Parquet files of every folder together, and rolls manifests up so that readers ask for few. Every row is
visible once before, during and after. Killed at any moment, the same command ends it. Files that were put together are
deleted once the grace period is over: by the next run. Run it every hour.

Whoever lists silver by a pattern, not through the manifests or an Iceberg table, sees rows twice during the grace.

Examples:
  kappa sink compact s3
  kappa sink compact s3 --topic shop.masked-clicks.v1 --older-than '1 hour' --target 128MB
  kappa sink compact s3 --dry-run --json`

interface CompactFlags {
  readonly topic?: readonly string[]
  readonly olderThan: string
  readonly target: string
  readonly grace: string
  readonly dryRun?: boolean
  readonly json?: boolean
}

/** `kappa sink compact s3`: one run, then it ends. */
export function registerCompact(sink: Command): void {
  sink
    .command('compact')
    .description('put small silver files together')
    .addArgument(new Argument('<sink>', 'which').choices(['s3']))
    .option('--topic <name>', 'only this topic; repeatable', repeatable)
    .option('--older-than <duration>', 'leave what was written later', '1 hour')
    .option('--target <size>', 'size of a file, e.g. 128MB', '128MB')
    .option('--grace <duration>', 'keep what was replaced for so long', '1 hour')
    .option('--dry-run', 'say what would be done')
    .option('--json', 'for programs')
    .addHelpText('after', help)
    .action(async (_: string, flags: CompactFlags) => {
      const targetBytes = bytesOf(flags.target)
      const olderThanMs = milliseconds(flags.olderThan)
      const done = await forTopics(flags.topic, milliseconds(flags.grace), (job) =>
        compactTopic({ ...job, olderThanMs, targetBytes, dryRun: flags.dryRun === true }),
      )
      console.log(flags.json === true ? JSON.stringify(done, null, 2) : text(done))
    })
}

/** Throws CONFIG_INVALID for what is no size. */
function bytesOf(size: string): number {
  const [, count] = /^([1-9]\d*) ?MB$/.exec(size) ?? []
  if (count === undefined) throw new KappaError('CONFIG_INVALID', `reading --target ${size} (write it as 128MB)`)
  return Number(count) * 1024 * 1024
}

function text(done: readonly Compaction[]): string {
  const changed = done.filter(({ files, folded, deleted }) => files + folded + deleted > 0)
  if (changed.length === 0) return 'Nothing to put together.'
  return table(
    ['topic', 'small files', 'became', 'MB', 'cuts rolled up', 'deleted'],
    changed.map(({ topic, files, into, bytes, folded, deleted }) => [
      topic,
      `${files}`,
      `${into}`,
      (bytes / 1024 / 1024).toFixed(1),
      `${folded}`,
      `${deleted}`,
    ]),
  )
}

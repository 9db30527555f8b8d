import { Argument, type Command } from 'commander'
import { milliseconds } from '#engine/time'
import { type Expiry, expireTopic } from '../../../sinks/s3/index.ts'
import { table } from '../stack/table.ts'
import { type ExpiredOriginals, expireOriginals } from './originals.ts'
import { forTopics, repeatable } from './upkeep.ts'

const help = `
Takes bronze and silver away once the contract's retention, counted from writing, has passed. What an undone cut or an
unfinished replay may still read stays until it may not. Objects are deleted when the grace period is over: by the next
run. kappa verify counts what expired. Originals of files that were taken (raw/) go when their source says so: 30 days after,
where they hold personal data and deploy/sources/files.yml says nothing else; so do saved web pages. Run it every day.

Examples:
  kappa sink expire s3 --dry-run
  kappa sink expire s3 --json`

interface ExpireFlags {
  readonly topic?: readonly string[]
  readonly grace: string
  readonly dryRun?: boolean
  readonly json?: boolean
}

/** `kappa sink expire s3`: one run, then it ends. */
export function registerExpire(sink: Command): void {
  sink
    .command('expire')
    .description("delete what is past its contract's retention")
    .addArgument(new Argument('<sink>', 'which').choices(['s3']))
    .option('--topic <name>', 'only this topic; repeatable', repeatable)
    .option('--grace <duration>', 'keep objects for so long after they are gone for readers', '1 hour')
    .option('--dry-run', 'say what would be done')
    .option('--json', 'for programs')
    .addHelpText('after', help)
    .action(async (_: string, flags: ExpireFlags) => {
      const done = await forTopics(flags.topic, milliseconds(flags.grace), (job) =>
        expireTopic({ ...job, dryRun: flags.dryRun === true }),
      )
      const originals = flags.topic === undefined ? await expireOriginals(flags.dryRun === true) : []
      console.log(flags.json === true ? JSON.stringify({ topics: done, originals }, null, 2) : text(done, originals))
    })
}

function text(done: readonly Expiry[], originals: readonly ExpiredOriginals[]): string {
  const changed = done.filter(({ objects, waiting, deleted }) => objects + waiting + deleted > 0)
  const gone = originals
    .filter(({ keys }) => keys.length > 0)
    .map(({ source, keys }) => `${source}: ${keys.length} objects of originals`)
  if (changed.length + gone.length === 0) return 'Nothing is past its retention.'
  const topics = table(
    ['topic', 'records of bronze', 'rows of silver', 'objects', 'cuts still needed', 'deleted'],
    changed.map(({ topic, bronze, silver, objects, waiting, deleted }) =>
      [topic, bronze.rows, silver.rows, objects, waiting, deleted].map(String),
    ),
  )
  return [...(changed.length > 0 ? [topics] : []), ...gone].join('\n')
}

import { text } from 'node:stream/consumers'
import { Argument, type Command } from 'commander'
import { KappaError } from '#engine/errors'
import { milliseconds } from '#engine/time'
import { type Erasure, eraseTopic } from '../../../sinks/s3/index.ts'
import { table } from '../stack/table.ts'
import { forTopics, repeatable } from './upkeep.ts'

const help = `
Takes the readable values of erased subjects out of everything that S3 holds of a topic: files, merged files, the archive,
earlier Iceberg snapshots, and what killed jobs left. Events stay; their personal fields read "erased". Sealed fields are
left: destroying the subject's key erased them. Subjects are read from the standard input, one a line, so that they are in
no history of commands. Run it again until nothing waits.

Exit code 4 while something waits: cuts that are not done, objects within --grace, ranges that a replay reads.

Examples:
  kappa sink erase s3 < subjects.txt
  kappa sink erase s3 --topic shop.masked-purchases.v1 --grace '10 minutes' < subjects.txt`

interface EraseFlags {
  readonly topic?: readonly string[]
  readonly grace: string
  readonly json?: boolean
}

/** `kappa sink erase s3`: one run, then it ends. */
export function registerErase(sink: Command): void {
  sink
    .command('erase')
    .description('take the values of erased subjects out of the objects')
    .addArgument(new Argument('<sink>', 'which').choices(['s3']))
    .option('--topic <name>', 'only this topic; repeatable', repeatable)
    .option('--grace <duration>', 'keep what readers may be reading for so long', '0 seconds')
    .option('--json', 'for programs')
    .addHelpText('after', help)
    .action(erase)
}

async function erase(_: string, flags: EraseFlags): Promise<void> {
  const subjects = new Set((await text(process.stdin)).split('\n').map((line) => line.trim()))
  subjects.delete('')
  if (subjects.size === 0)
    throw new KappaError('CONFIG_INVALID', 'reading subjects from the standard input: there are none')
  const done = await forTopics(flags.topic, milliseconds(flags.grace), ({ contract, platform, ...job }) =>
    eraseTopic({ ...job, topic: contract, registry: platform.registry, subjects }),
  )
  console.log(flags.json === true ? JSON.stringify(done, null, 2) : textOf(done))
  const waiting = done.filter((one) => one.waiting > 0).map(({ topic }) => topic)
  if (waiting.length > 0)
    throw new KappaError('INTERRUPTED', `erasing: objects of ${waiting.join(', ')} wait; run it again`)
}

const textOf = (done: readonly Erasure[]): string =>
  table(
    ['topic', 'rows of silver', 'of bronze', 'objects written', 'deleted', 'waiting'],
    done
      .filter(({ rewritten, deleted, waiting }) => rewritten + deleted + waiting > 0)
      .map(({ topic, silverRows, bronzeRows, rewritten, deleted, waiting }) =>
        [topic, silverRows, bronzeRows, rewritten, deleted, waiting].map(String),
      ),
  )

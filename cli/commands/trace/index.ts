import { type Command, InvalidArgumentError } from 'commander'
import { KappaError } from '#engine/errors'
import { readCheckpoints } from '#engine/ingest'
import { type FileEntry, filesName, Ledger } from '../../../producers/connectors/files/index.ts'
import { openPlatform } from '../../platform.ts'
import { filesSourcesNamed } from '../../sources.ts'
import { type FileTrace, traceFile } from './file.ts'
import { traceText } from './text.ts'

const help = `
NAME is a file as the source saw it (crm's orders_2025-01-31.csv), the path it lay under, or the beginning of its sha256. What
is shown: hash, lines, where the original is kept, the offsets of its events by topic and partition, and its dead letters
with line, bytes and reason. With --line, where that line went, to the offset and the row.

Examples:
  kappa trace file orders_2025-01-31.csv
  kappa trace file data/sources/clients.csv --source ventes --rejects 100
  kappa trace file achats.csv --line 42
  kappa trace file 3f1c9a0be27d --json | jq '.[0].rejects'`

interface TraceFlags {
  readonly source?: readonly string[]
  readonly line?: number
  readonly rejects: number
  readonly json?: boolean
}

/** `kappa trace file NAME`: from a file to Kafka, S3 and the tables. */
export function register(program: Command): void {
  program
    .command('trace')
    .description('where something came from, and where it went')
    .command('file')
    .description('what became of a file: hash, lines, offsets, original, dead letters')
    .argument('<name>', 'its name, path or the beginning of its sha256')
    .option('--source <name>', 'only in this source; repeatable', (name: string, all: string[] = []) => [...all, name])
    .option('--line <n>', 'where one line went', whole)
    .option('--rejects <n>', 'how many dead letters are shown (default: 20)', whole, 20)
    .option('--json', 'for programs: everything')
    .addHelpText('after', help)
    .action(trace)
}

async function trace(name: string, flags: TraceFlags): Promise<void> {
  const sources = filesSourcesNamed(flags.source ?? [])
  const platform = openPlatform()
  const { broker, addresses } = platform
  try {
    const traces: FileTrace[] = []
    for (const source of sources) {
      const found: readonly FileEntry[] = new Ledger(await readCheckpoints(broker, filesName(source.name))).matching(
        name,
      )
      for (const entry of found)
        traces.push(await traceFile(broker, addresses.s3.bucket, source.name, entry, flags.line))
    }
    if (traces.length === 0)
      throw new KappaError(
        'CONFIG_INVALID',
        `tracing ${name}: no such file was taken${flags.source === undefined ? '' : ` by ${flags.source.join(', ')}`}`,
      )
    console.log(
      flags.json === true
        ? JSON.stringify(traces, null, 2)
        : traces.map((one) => traceText(one, flags.rejects)).join('\n\n'),
    )
  } finally {
    await platform.close()
  }
}

function whole(text: string): number {
  if (!/^[1-9]\d{0,9}$/.test(text)) throw new InvalidArgumentError('It is not a whole number above 0.')
  return Number(text)
}

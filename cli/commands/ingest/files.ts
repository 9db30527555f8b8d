import { join, resolve } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import { KappaError } from '#engine/errors'
import { inputDeadLetterTopic } from '#engine/ingest'
import { milliseconds } from '#engine/time'
import { dataFolder } from '../../../deploy/config.ts'
import {
  type FileEntry,
  type FilesSource,
  type FilesSummary,
  folderLanding,
  ingestFiles,
  prefixLanding,
} from '../../../producers/connectors/files/index.ts'
import { ObjectStore } from '../../../sinks/s3/index.ts'
import { openPlatform, type Platform, prepareTopics } from '../../platform.ts'
import { filesSourcesNamed } from '../../sources.ts'
import { progressBar } from '../produce/bar.ts'
import { stopSignal } from '../produce/stop.ts'

const help = `
Sources are declared in deploy/sources/files.yml (KAPPA_FILES, --config): where their files land, of what format they are
(csv, json, ndjson, parquet, avro) and which columns become which fields of a contract. Folders are below --in.

Each content is taken once, by its sha256, under whatever name and however often it comes; a file that has grown brings its
new lines. What a file holds, its dead letters and how far it is taken are one transaction each: killed, the same command
goes on there. A file that changed within a source's 'still' is left until it is still. Originals are kept byte for byte in
S3 under raw/<source>/<date>/<file>, their hash beside them.

Lines that are broken, cut, of the wrong encoding, lack a column or break a rule go to <topic>.dead-letter with file, line,
bytes and reason, and the run goes on. \`kappa trace file NAME\` shows what became of a file, \`kappa verify --source NAME\`
counts everything.

Examples:
  kappa ingest files --source crm --in ./data-in
  kappa ingest files --in ./data-in                            every source, one after the other
  kappa ingest files --source staging --in ./data-in --watch   new files as they come, until Ctrl-C
  kappa ingest files --source crm --again orders_2025-01-31.csv
      once more on purpose: its events are there twice then (its original is read, not the folder)
  kappa ingest files --source ventes --in ./data-in --json | jq .files`

interface FilesFlags {
  readonly source?: readonly string[]
  readonly in: string
  readonly config?: string
  readonly watch?: boolean
  readonly every?: number
  readonly again?: string
  readonly json?: boolean
}

/** `kappa ingest files --source NAME` */
export function register(ingest: Command): void {
  ingest
    .command('files')
    .description('take in files from folders and S3 prefixes, each content once')
    .option(
      '--source <name>',
      'a source of the config; repeatable (default: all)',
      (name: string, all: string[] = []) => [...all, name],
    )
    .option('--in <folder>', "where the sources' folders are", '.')
    .option('--config <file>', 'the config, in place of deploy/sources/files.yml')
    .option('--watch', 'go on with files as they come, until Ctrl-C')
    .option('--every <duration>', "watching: how often to look (default: '2 seconds')", duration)
    .option('--again <file>', 'send a file once more: its name, or the beginning of its sha256')
    .option('--json', 'print the summary as JSON; watching: a line a file')
    .addHelpText('after', help)
    .action(ingestAll)
}

async function ingestAll(flags: FilesFlags): Promise<void> {
  const sources = filesSourcesNamed(flags.source ?? [], flags.config)
  if (flags.again !== undefined && sources.length !== 1)
    throw new KappaError('CONFIG_INVALID', 'reading --again: it needs one --source')
  const platform = openPlatform()
  const objects = new ObjectStore(platform.addresses.s3)
  const stop = stopSignal()
  const begun = performance.now()
  const summaries: FilesSummary[] = []
  try {
    await prepare(platform, sources)
    await objects.ensure()
    const one = async (source: FilesSource) =>
      void summaries.push(await take(source, { flags, platform, objects, signal: stop.signal }))
    if (flags.watch === true) await Promise.all(sources.map(one))
    else for (const source of sources) await one(source)
  } finally {
    stop.release()
    objects.close()
    await platform.close()
  }
  report(summaries, (performance.now() - begun) / 1_000, flags)
}

interface Services {
  readonly flags: FilesFlags
  readonly platform: Platform
  readonly objects: ObjectStore
  readonly signal: AbortSignal
}

async function take(source: FilesSource, { flags, platform, objects, signal }: Services): Promise<FilesSummary> {
  const { app, broker, registry, vault } = platform
  const watching = flags.watch === true
  let bar: ReturnType<typeof progressBar> | undefined
  try {
    return await ingestFiles({
      ...{ source, objects, app, broker, registry, vault, signal },
      landing:
        'folder' in source.from
          ? folderLanding(resolve(flags.in, source.from.folder), watching || flags.source === undefined)
          : prefixLanding(objects, source.from.prefix),
      spool: join(dataFolder(), 'spool', `files-${source.name}`),
      // whoever watches outlives any outage
      ...(watching ? { watch: { everyMs: flags.every ?? 2_000 }, patienceMs: Number.POSITIVE_INFINITY } : {}),
      ...(flags.again === undefined ? {} : { again: flags.again }),
      onProgress: ({ bytes, bytesInAll, file, ended }) => {
        if (watching) {
          if (ended !== undefined)
            console.log(
              flags.json === true
                ? JSON.stringify({ source: source.name, ...entryJson(ended) })
                : `${source.name}: ${entryText(ended)}`,
            )
          return
        }
        bar ??= progressBar(source.name, bytesInAll, 'bytes', flags.json === true)
        bar.update(bytes, file)
      },
      onWaiting: (message) => process.stderr.write(`${message}\n`),
    })
  } finally {
    bar?.stop()
  }
}

async function prepare(platform: Platform, sources: readonly FilesSource[]): Promise<void> {
  const there = await platform.broker.admin.topics()
  const topics = sources.flatMap(({ kinds }) => kinds.flatMap((kind) => kind.topics))
  if (topics.some(({ name }) => !there.has(name))) await prepareTopics(platform)
}

function report(summaries: readonly FilesSummary[], seconds: number, { json, watch }: FilesFlags): void {
  if (watch === true) return
  if (json === true) {
    const sources = summaries.map(({ taken, ...rest }) => ({ ...rest, files: taken.map(entryJson) }))
    console.log(JSON.stringify({ sources, seconds }))
  } else console.log([...summaries.flatMap(summaryLines), `in ${seconds.toFixed(1)} s`].join('\n'))
}

const entryJson = ({ name, sha256, bytes, original, again, passed, rows, tallies, endedAt }: FileEntry) => ({
  ...{ file: name, sha256, bytes, original, again, passed, lines: rows, tallies, complete: endedAt !== null },
})

const deadIn = ({ tallies }: FileEntry): number =>
  Object.values(tallies).reduce((sum, { deadLettered }) => sum + deadLettered, 0)

function entryText(entry: FileEntry): string {
  const dead = deadIn(entry)
  return `${entry.name}: ${entry.rows} lines, ${entry.rows - dead} events${dead === 0 ? '' : `, ${dead} dead letters`}`
}

function summaryLines({ source, taken, known, growing, unmatched }: FilesSummary): string[] {
  const topics = new Map<string, { written: number; deadLettered: number }>()
  for (const { tallies } of taken)
    for (const [topic, { written, deadLettered }] of Object.entries(tallies)) {
      const sum = topics.get(topic) ?? { written: 0, deadLettered: 0 }
      topics.set(topic, { written: sum.written + written, deadLettered: sum.deadLettered + deadLettered })
    }
  const lines = taken.reduce((sum, { rows }) => sum + rows, 0)
  return [
    `${source}: ${taken.length} files, ${lines} lines; ${known} were taken before`,
    ...[...topics].map(([topic, { written, deadLettered }]) => {
      const dead = deadLettered === 0 ? '' : `, ${deadLettered} on ${inputDeadLetterTopic(topic)}`
      return `  ${topic.padEnd(32)} ${written} events${dead}`
    }),
    ...growing.map((name) => `  ${name} is still being written: left for the next run`),
    ...unmatched.map((name) => `  ${name} is none of the source's files: left alone`),
  ]
}

function duration(text: string): number {
  try {
    return milliseconds(text)
  } catch {
    throw new InvalidArgumentError("It is no duration; write it as '5 seconds'.")
  }
}

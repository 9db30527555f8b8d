import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Command } from './process.ts'
import { type QueryName, times } from './queries.ts'
import { schemaFiles } from './topics.ts'

/** The engines that Kappa is measured beside: bench/peers, in Java. */
export type PeerName = 'kafka-streams' | 'flink'

const folder = fileURLToPath(new URL('peers', import.meta.url))
/**
 * Kafka Streams' grace behind a repartition topic: its partitions are read at different speeds, and a record that comes
 * later than this in event time is lost. Below the tail of the data (world.ts).
 */
export const REKEY_GRACE_MS = 45_000

/**
 * How far Kafka Streams reads ahead in a partition. More is quicker, but behind a repartition topic it loses events: with
 * the larger figures a sixth of them came later than the grace. There it has its defaults.
 */
const FAR_AHEAD = { ahead: 10_000, fetchBytes: 4 << 20 }
const DEFAULT_AHEAD = { ahead: 1_000, fetchBytes: 1 << 20 }

/** Written when the programs were built: Maven leaves an unchanged jar as old as it was. */
const stamp = join(folder, 'target', 'built')

/** Builds the peers' programs where they are not built, or a source is newer. */
export async function buildPeers(tell: (line: string) => void): Promise<void> {
  const built = existsSync(stamp) ? statSync(stamp).mtimeMs : 0
  const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => /(\.java|pom\.xml)$/.test(file))
    .map((file) => statSync(join(folder, file)).mtimeMs)
  if (built > Math.max(...sources)) return
  tell('building the programs of Kafka Streams and Flink with Maven (the first time a few minutes, 150 MB of jars)')
  await promisify(execFile)('mvn', ['-B', '-q', 'package'], { cwd: folder, maxBuffer: 1e8 })
  mkdirSync(join(folder, 'target'), { recursive: true })
  writeFileSync(stamp, '')
}

export interface PeerRun {
  readonly query: QueryName
  readonly brokers: string
  readonly result: string
  readonly resultSchemaId: number
  readonly app: string
  readonly commitMs: number
  readonly threads: number
  readonly data: string
  readonly emit: 'final' | 'suppress'
  /** Nothing is held back for the sake of larger batches: for latency, not for throughput. */
  readonly prompt: boolean
}

/** Flink reaches into the JDK for its serializers (its own start script opens the same). */
const opens = ['java.lang', 'java.util', 'java.util.concurrent', 'java.time', 'java.net', 'java.io', 'java.nio'].map(
  (name) => `--add-opens=java.base/${name}=ALL-UNNAMED`,
)

/** Command lines of a peer's program, one for each of its processes. */
export function peerCommands(peer: PeerName, run: PeerRun, processes: number): readonly Command[] {
  // Flink's parallelism is threads: one process with as many.
  if (peer === 'flink') return [peerCommand(peer, { ...run, threads: Math.max(run.threads, processes) })]
  return Array.from({ length: processes }, (_, n) => peerCommand(peer, { ...run, data: join(run.data, String(n)) }))
}

function peerCommand(peer: PeerName, run: PeerRun): Command {
  const target = join(folder, peer, 'target')
  const main = peer === 'flink' ? 'kappa.bench.flink.Program' : 'kappa.bench.streams.Program'
  const told = {
    query: run.query,
    brokers: run.brokers,
    name: run.app,
    purchases: 'shop.purchases.v1',
    clicks: 'shop.clicks.v1',
    purchasesSchema: schemaFiles.purchases,
    clicksSchema: schemaFiles.clicks,
    result: run.result,
    resultSchemaId: run.resultSchemaId,
    commit: run.commitMs,
    threads: run.threads,
    data: run.data,
    emit: run.emit,
    linger: run.prompt ? 0 : 100,
    prompt: run.prompt ? 1 : 0,
    rekeyGrace: REKEY_GRACE_MS,
    ...(run.query === 'country' ? DEFAULT_AHEAD : FAR_AHEAD),
    ...times,
  }
  return {
    command: 'java',
    args: [
      ...(peer === 'flink' ? opens : []),
      '-Xms2g',
      '-Xmx2g',
      '-Dorg.slf4j.simpleLogger.defaultLogLevel=error',
      '-cp',
      `${join(target, `${peer}-1.jar`)}:${join(target, 'lib')}/*`,
      main,
      ...Object.entries(told).map(([name, value]) => `${name}=${value}`),
    ],
  }
}

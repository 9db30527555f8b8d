import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { KappaError } from '#engine/errors'
import { partFile } from '../parts/part.ts'
import { host, type Settings, writePrivate } from '../settings.ts'
import { brokerSettings } from './brokerSettings.ts'
import type { LocalService, Place } from './contract.ts'
import { java } from './java.ts'
import { requireReadable } from './metadataVersion.ts'
import { ask } from './probes.ts'

const run = promisify(execFile)

/** Apache Kafka in KRaft mode, broker and controller in one process. */
export const kafka: LocalService = {
  name: 'kafka',
  java: true,
  part: { name: 'kafka', how: 'copy', bytes: 56_000_000 },
  ports: ['kafka', 'kafkaController'],
  stopWithin: 30_000,

  async prepare(place) {
    const log = logFolder(place)
    requireReadable(log)
    mkdirSync(log, { recursive: true })
    writePrivate(propertiesFile(place), properties(place))
    if (existsSync(join(log, 'meta.properties'))) return
    clearHalfFormatted(log)
    const format = java({
      heap: 128,
      options: ['-XX:TieredStopAtLevel=1', ...logging()],
      run: { jars: place.part, main: 'kafka.tools.StorageTool' },
      args: ['format', '-t', place.settings.kafka.clusterId, '-c', propertiesFile(place)],
    })
    await run(format.file, [...format.args])
  },

  launch: (place) =>
    java({
      heap: 768,
      options: ['-Xms256m', '-XX:+UseG1GC', '-XX:MaxGCPauseMillis=50', ...logging()],
      run: { jars: place.part, main: 'kafka.Kafka' },
      args: [propertiesFile(place)],
    }),

  probe: (settings) => knowsItself(settings.ports.kafka),
}

const logFolder = (place: Place) => join(place.folder, 'log')
/**
 * A format that was cut short leaves a few files and no meta.properties, and Kafka refuses such a folder. Throws
 * STATE_MISMATCH where there are partitions in it: they are somebody's data, and never ours to clear.
 */
function clearHalfFormatted(log: string): void {
  const entries = readdirSync(log, { withFileTypes: true })
  if (entries.some((entry) => entry.isDirectory())) {
    const advice = 'restore the file, or move the folder away to begin anew'
    throw new KappaError('STATE_MISMATCH', `starting kafka: ${log} holds partitions but no meta.properties; ${advice}`)
  }
  for (const { name } of entries) rmSync(join(log, name))
}

const propertiesFile = (place: Place) => join(place.folder, 'server.properties')
const logging = () => [`-Dlog4j2.configurationFile=${partFile('kafka-log4j2.xml')}`]

function properties({ settings, folder }: Place): string {
  const { kafka: broker, kafkaController: controller } = (settings satisfies Settings).ports
  const entries: Record<string, string | number | boolean> = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@${host}:${controller}`,
    listeners: `PLAINTEXT://${host}:${broker},CONTROLLER://${host}:${controller}`,
    'advertised.listeners': `PLAINTEXT://${host}:${broker}`,
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': join(folder, 'log'),
    ...brokerSettings,
    // One machine, shared with everything else.
    'num.network.threads': 2,
    'num.io.threads': 4,
    'num.recovery.threads.per.data.dir': 2,
    'log.cleaner.dedupe.buffer.size': 32 * 1024 * 1024,
  }
  return Object.entries(entries)
    .map(([key, value]) => `${key}=${value}\n`)
    .join('')
}

/**
 * Asks for metadata (API 3, version 1, no topics) and waits for an answer that lists a broker: the broker has then
 * registered with its controller and takes requests, which an open port alone does not say.
 */
async function knowsItself(port: number): Promise<void> {
  const request = Buffer.from([0, 3, 0, 1, 0, 0, 0, 1, 0xff, 0xff, 0, 0, 0, 0])
  const size = Buffer.alloc(4)
  size.writeInt32BE(request.length)
  const answer = await ask(
    port,
    Buffer.concat([size, request]),
    (bytes) => bytes.length >= 12 && bytes.length >= 4 + bytes.readInt32BE(0),
  )
  if (answer.readInt32BE(8) < 1) throw new Error('the broker has not joined its own cluster yet')
}

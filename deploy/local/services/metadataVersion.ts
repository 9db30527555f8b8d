import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { KappaError } from '#engine/errors'

/** The newest `metadata.version` that the Kafka of parts/kafka.xml reads: 4.2-IV1 (its MetadataVersion.java). */
export const NEWEST_LEVEL = 29

/**
 * How the checkpoint that formatting writes holds the level (Kafka's FeatureLevelRecord.json, version 0): frame version 1, api
 * key 12, record version 0, the feature's name as a compact string, then the level as a 16-bit big-endian integer.
 */
const RECORD = Buffer.concat([Buffer.from([1, 12, 0, 17]), Buffer.from('metadata.version')])

/** The `metadata.version` that a log folder was formatted with; undefined where the folder does not say. */
export function metadataLevel(log: string): number | undefined {
  const file = join(log, 'bootstrap.checkpoint')
  if (!existsSync(file)) return undefined
  const bytes = readFileSync(file)
  const at = bytes.indexOf(RECORD)
  const level = at + RECORD.length
  return at < 0 || bytes.length < level + 2 ? undefined : bytes.readInt16BE(level)
}

/** Throws STATE_MISMATCH where a newer Kafka began this log: an older one ends at its start, whatever is in it. */
export function requireReadable(log: string): void {
  const level = metadataLevel(log)
  if (level === undefined || level <= NEWEST_LEVEL) return
  throw new KappaError(
    'STATE_MISMATCH',
    `starting kafka: ${log} was begun by a newer Kafka (metadata.version ${level}; the Kafka of this Kappa reads up to ` +
      `${NEWEST_LEVEL}, and docs/decisions/0034-kafka-4-2.md says why it is that one). Nothing was changed. Begin a new data ` +
      `folder (KAPPA_DATA=FOLDER kappa dev) and import or produce again, or delete this one (kappa purge)`,
  )
}

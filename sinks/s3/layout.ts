import type { Cut } from '#engine/delivery'

/** How silver is cut into folders: by day for what flows live, by month where a single cut may bring a year of history. */
export type SilverBy = 'day' | 'month'

const padded = (value: number, width: number): string => String(value).padStart(width, '0')

/** `bronze/<topic>/partition=NN/<first>-<last>.avro`; later generations are told apart, a topic may have been made anew. */
export function bronzeKey(
  { topic, generation }: Pick<Cut, 'topic' | 'generation'>,
  partition: number,
  first: number,
  last: number,
): string {
  const suffix = generation === 1 ? '' : `-g${generation}`
  return `bronze/${topic}/partition=${padded(partition, 2)}/${padded(first, 20)}-${padded(last, 20)}${suffix}.avro`
}

/** An archive object that was written anew for an erasure: named by what it holds. */
export function erasedBronzeKey(
  cut: Pick<Cut, 'topic' | 'generation'>,
  partition: number,
  first: number,
  last: number,
  sha256: string,
): string {
  return bronzeKey(cut, partition, first, last).replace(/\.avro$/, `-e${sha256.slice(0, 16)}.avro`)
}

/** The offsets that a bronze object holds; undefined for any other object. */
export function rangeOfBronzeKey(key: string): { partition: number; first: number; last: number } | undefined {
  const [, partition, first, last] =
    /^bronze\/.+\/partition=(\d+)\/(\d+)-(\d+)(?:-g\d+)?(?:-e[0-9a-f]{16})?\.avro$/.exec(key) ?? []
  return last === undefined ? undefined : { partition: Number(partition), first: Number(first), last: Number(last) }
}

/** `silver/<topic>/date=YYYY-MM-DD/<generation>-<lane>-<cut>.parquet`, or `month=YYYY-MM`: hive-style, by event time in UTC. */
export function silverKey({ topic, generation, lane, number }: Cut, folder: string): string {
  return `silver/${topic}/${folder}/g${generation}-${lane}-${padded(number, 10)}.parquet`
}

const DAY_MS = 86_400_000
/** The last day asked for and its date: rows of a day come together, and dates cost more than all else about a folder. */
let lastDay = Number.NaN
let lastDate = ''

export function silverFolder(by: SilverBy, eventTime: number): string {
  const day = Math.floor(eventTime / DAY_MS)
  if (day !== lastDay) {
    lastDate = new Date(day * DAY_MS).toISOString().slice(0, 10)
    lastDay = day
  }
  return by === 'day' ? `date=${lastDate}` : `month=${lastDate.slice(0, 7)}`
}

export const manifestPrefix = (topic: string): string => `manifest/${topic}/`

/** Written last: what it names is visible, anything else under `bronze/` and `silver/` is not. */
export function manifestKey({ topic, generation, lane, number }: Cut): string {
  return `${manifestPrefix(topic)}g${padded(generation, 4)}/lane-${padded(lane, 3)}/${padded(number, 10)}.json`
}

const numberOf = /^manifest\/.+\/g(\d+)\/lane-(\d+)\/(\d+)\.json$/

/** Which cut a manifest's key stands for. */
export function cutOfManifestKey(key: string): Pick<Cut, 'generation' | 'lane' | 'number'> | undefined {
  const [, generation, lane, number] = numberOf.exec(key) ?? []
  return number === undefined
    ? undefined
    : { generation: Number(generation), lane: Number(lane), number: Number(number) }
}

export const indexPrefix = (topic: string): string => `index/${topic}/`

/** The roll-up of a topic's manifests; the highest number counts. */
export const headKey = (topic: string, number: number): string => `${headPrefix(topic)}${padded(number, 10)}.json`
export const headPrefix = (topic: string): string => `${indexPrefix(topic)}head-`

/** Named by what it holds, so that writing it again writes the same. */
export const partKey = (topic: string, sha256: string): string =>
  `${indexPrefix(topic)}cuts-${sha256.slice(0, 16)}.json.gz`

/** A file made of several: beside them, named by which they were. */
export const mergedKey = (topic: string, folder: string, sha256: string): string =>
  `silver/${topic}/${folder}/m-${sha256.slice(0, 16)}.parquet`

export const isMerged = (key: string): boolean => /\/m-[0-9a-f]{16}\.parquet$/.test(key)

/** The folder of a silver object, `date=2025-01-31`. */
export const folderOf = (object: string): string => object.split('/').at(-2) ?? ''

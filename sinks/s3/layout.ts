import type { Cut } from '#engine/delivery'

/** How silver is cut into folders: by day for what flows live, by month where a single cut may bring a year of history. */
export type SilverBy = 'day' | 'month'

const padded = (value: number, width: number): string => String(value).padStart(width, '0')

/** `bronze/<topic>/partition=NN/<first>-<last>.avro`; later generations are told apart, a topic may have been made anew. */
export function bronzeKey({ topic, generation }: Cut, partition: number, first: number, last: number): string {
  const suffix = generation === 1 ? '' : `-g${generation}`
  return `bronze/${topic}/partition=${padded(partition, 2)}/${padded(first, 20)}-${padded(last, 20)}${suffix}.avro`
}

/** `silver/<topic>/date=YYYY-MM-DD/<generation>-<lane>-<cut>.parquet`, or `month=YYYY-MM`: hive-style, by event time in UTC. */
export function silverKey({ topic, generation, lane, number }: Cut, folder: string): string {
  return `silver/${topic}/${folder}/g${generation}-${lane}-${padded(number, 10)}.parquet`
}

export function silverFolder(by: SilverBy, eventTime: number): string {
  const iso = new Date(eventTime).toISOString()
  return by === 'day' ? `date=${iso.slice(0, 10)}` : `month=${iso.slice(0, 7)}`
}

export const manifestPrefix = (topic: string): string => `manifest/${topic}/`

/** Written last: what it names is visible, anything else under `bronze/` and `silver/` is not. */
export function manifestKey({ topic, generation, lane, number }: Cut): string {
  return `${manifestPrefix(topic)}g${padded(generation, 4)}/lane-${padded(lane, 3)}/${padded(number, 10)}.json`
}

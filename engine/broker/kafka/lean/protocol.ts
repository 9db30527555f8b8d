import { RequestBody } from './request.ts'
import type { ResponseBody } from './response.ts'

/**
 * The five calls of a reader, in versions that brokers from 2.3 to 4.x take (Kafka protocol guide). All are of the older
 * encoding, so that one small writer and reader serve them; Fetch 11 names topics, 13 and later would name their ids.
 */
export interface Call {
  readonly name: string
  readonly key: number
  readonly version: number
}
export const calls = {
  fetch: { name: 'Fetch', key: 1, version: 11 },
  listOffsets: { name: 'ListOffsets', key: 2, version: 5 },
  metadata: { name: 'Metadata', key: 3, version: 7 },
  saslHandshake: { name: 'SaslHandshake', key: 17, version: 1 },
  apiVersions: { name: 'ApiVersions', key: 18, version: 0 },
  saslAuthenticate: { name: 'SaslAuthenticate', key: 36, version: 1 },
} as const satisfies Record<string, Call>

export interface VersionRange {
  readonly key: number
  readonly least: number
  readonly most: number
}

export function readApiVersions(body: ResponseBody): { error: number; ranges: VersionRange[] } {
  const error = body.int16()
  return { error, ranges: body.array(() => ({ key: body.int16(), least: body.int16(), most: body.int16() })) }
}

export interface Node {
  readonly id: number
  readonly host: string
  readonly port: number
}

export interface PartitionMetadata {
  readonly error: number
  readonly partition: number
  /** Node id, or -1 while there is none. */
  readonly leader: number
  readonly leaderEpoch: number
}

export interface Metadata {
  readonly nodes: readonly Node[]
  readonly topics: readonly {
    readonly error: number
    readonly name: string
    readonly partitions: readonly PartitionMetadata[]
  }[]
}

/** Of these topics only; none is created by asking. */
export const metadataRequest = (topics: readonly string[]): Buffer => {
  const body = new RequestBody()
  return body
    .array(topics, (topic) => body.string(topic))
    .int8(0)
    .done()
}

export function readMetadata(body: ResponseBody): Metadata {
  body.int32() // throttle time: the broker has waited already (KIP-219)
  const nodes = body.array(() => {
    const node = { id: body.int32(), host: body.string() ?? '', port: body.int32() }
    body.string() // rack
    return node
  })
  body.string() // cluster id
  body.int32() // controller
  const topics = body.array(() => {
    const error = body.int16()
    const name = body.string() ?? ''
    body.int8() // internal
    return { error, name, partitions: body.array(() => readPartition(body)) }
  })
  return { nodes, topics }
}

function readPartition(body: ResponseBody): PartitionMetadata {
  const read = { error: body.int16(), partition: body.int32(), leader: body.int32(), leaderEpoch: body.int32() }
  for (let list = 0; list < 3; list++) body.array(() => body.int32()) // replicas: all, in sync, offline
  return read
}

/** Which end of a log: the protocol's special timestamps. */
export const EARLIEST = -2
export const LATEST = -1

/** Of one partition: its first offset, or (to a read-uncommitted asker, as here) its high watermark. */
export const offsetsRequest = (topic: string, partition: number, which: typeof EARLIEST | typeof LATEST): Buffer => {
  const body = new RequestBody().int32(-1).int8(0)
  return body
    .array([topic], () => body.string(topic).array([partition], () => body.int32(partition).int32(-1).int64(which)))
    .done()
}

export function readOffsets(body: ResponseBody): { error: number; offset: number } {
  body.int32()
  const [topic] = body.array(() => {
    body.string()
    return body.array(() => {
      body.int32()
      const error = body.int16()
      body.int64() // timestamp
      const offset = body.int64()
      body.int32() // leader epoch
      return { error, offset }
    })
  })
  const answer = topic?.[0]
  if (answer === undefined) throw new RangeError('an answer to ListOffsets without a partition')
  return answer
}

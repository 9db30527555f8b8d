import { RequestBody } from './request.ts'
import type { ResponseBody } from './response.ts'

/** Records of aborted transactions are sent too, and named beside them (KIP-98): the reader takes them out. */
const READ_COMMITTED = 1
/** No fetch session (KIP-227): every request says all that it asks for. */
const NO_SESSION = { id: 0, epoch: -1 }

export interface FetchPart {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  /** As the last metadata said, so that a broker that was leader once refuses (KIP-320). */
  readonly leaderEpoch: number
  readonly maxBytes: number
}

export interface FetchLimits {
  /** How long the broker waits for the first byte, milliseconds. */
  readonly waitMs: number
  readonly maxBytes: number
}

/**
 * Asks for records. The broker fills partitions in the order given until `maxBytes` is reached (KIP-74); only the first one
 * that has anything may pass its own limit, by one batch.
 */
export function fetchRequest(parts: readonly FetchPart[], limits: FetchLimits): Buffer {
  const runs: FetchPart[][] = []
  for (const part of parts) {
    const run = runs.at(-1)
    if (run?.[0]?.topic === part.topic) run.push(part)
    else runs.push([part])
  }
  const body = new RequestBody()
    .int32(-1)
    .int32(limits.waitMs)
    .int32(1)
    .int32(limits.maxBytes)
    .int8(READ_COMMITTED)
    .int32(NO_SESSION.id)
    .int32(NO_SESSION.epoch)
  return body
    .array(runs, (run) => {
      body.string(run[0]?.topic ?? '').array(run, (part) => {
        body.int32(part.partition).int32(part.leaderEpoch).int64(part.offset).int64(-1).int32(part.maxBytes)
      })
    })
    .array([], () => {})
    .string('')
    .done()
}

export interface AbortedTransaction {
  readonly producerId: number
  readonly firstOffset: number
}

export interface FetchedPart {
  readonly topic: string
  readonly partition: number
  readonly error: number
  readonly aborted: readonly AbortedTransaction[]
  /** Batches one after the other, the last one perhaps cut off; a view of the response. */
  readonly records: Buffer
}

const NOTHING = Buffer.alloc(0)

/** A topic that the request named in two runs is answered in two. */
export function readFetch(body: ResponseBody): { error: number; parts: FetchedPart[] } {
  body.int32() // throttle time
  const error = body.int16()
  body.int32() // session
  const parts = body.array(() => {
    const topic = body.string() ?? ''
    return body.array((): FetchedPart => {
      const partition = body.int32()
      const failed = body.int16()
      body.int64() // high watermark
      body.int64() // last stable offset: nothing behind it is sent
      body.int64() // log start
      const aborted = body.array(() => ({ producerId: body.int64(), firstOffset: body.int64() }))
      body.int32() // preferred replica: asked for by rack only
      return { topic, partition, error: failed, aborted, records: body.bytes() ?? NOTHING }
    })
  })
  return { error, parts: parts.flat() }
}

import { isUtf8 } from 'node:buffer'
import type { Message, MessageHeader } from 'node-rdkafka'
import type { Headers, KafkaRecord, OutgoingRecord } from '../contract.ts'
import { wrappedName } from '../headers.ts'

/** The client's message as a record: the same object; only headers are brought into our shape. */
export function asRecord(message: Message): KafkaRecord {
  const raw = message as unknown as { headers: MessageHeader[] | Headers | undefined }
  if (Array.isArray(raw.headers)) raw.headers = headersOf(raw.headers)
  return message as unknown as KafkaRecord
}

function headersOf(list: readonly MessageHeader[]): Headers | undefined {
  if (list.length === 0) return undefined
  const headers: Record<string, Buffer> = {}
  for (const header of list)
    for (const [name, value] of Object.entries(header))
      headers[name] = Buffer.isBuffer(value) ? value : Buffer.from(value)
  return headers
}

/** Nothing, but somewhere: the client makes null of bytes that have no address, as those of an empty buffer. */
const EMPTY = Buffer.alloc(1).subarray(0, 0)

/** A key or value as the client takes it: what is empty arrives empty. */
export const outgoingBytes = (bytes: Buffer | null): Buffer | null => (bytes?.length === 0 ? EMPTY : bytes)

/**
 * Headers as the client takes them. It passes values through a string of C, which ends at a zero byte: bytes that would not
 * survive that travel as base64 under `<name>;base64` (`headerOf` reads them).
 */
export function outgoingHeaders(record: OutgoingRecord): MessageHeader[] | undefined {
  if (record.headers === undefined) return undefined
  return Object.entries(record.headers).map(([name, value]) =>
    isUtf8(value) && !value.includes(0) ? { [name]: value } : { [wrappedName(name)]: value.toString('base64') },
  )
}

import { isUtf8 } from 'node:buffer'
import type { Message, MessageHeader } from 'node-rdkafka'
import type { Headers, KafkaRecord, OutgoingRecord } from '../contract.ts'

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

/**
 * Headers as the client takes them. It passes values through a string, so bytes that are not UTF-8 would not survive: they
 * travel as base64 under `<name>;base64`.
 */
export function outgoingHeaders(record: OutgoingRecord): MessageHeader[] | undefined {
  if (record.headers === undefined) return undefined
  return Object.entries(record.headers).map(([name, value]) =>
    isUtf8(value) ? { [name]: value } : { [`${name};base64`]: value.toString('base64') },
  )
}

import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { constants, deflateRaw, deflateRawSync, inflateRaw, inflateRawSync } from 'node:zlib'
import type { KafkaRecord } from '#engine/broker'
import { RecordFrame, schemaIdOf } from '#engine/delivery'
import { AvroReader } from './avro-reader.ts'
import { AvroWriter } from './avro-writer.ts'
import { bronzeSchema } from './schema.ts'

/**
 * Avro object container files (specification 1.12, "Object Container Files"), codec deflate. Written and read here with the
 * one schema of the archive, straight between bytes and records; the test reads and writes them with avsc.
 */
const MAGIC = Buffer.from('Obj\u0001', 'latin1')
const BLOCK_ROWS = 4_096
const FRAME_BYTES = 5

/** A block this small is done sooner than another thread is asked, in well under a millisecond. */
const SMALL_BYTES = 64 * 1024
const level = constants.Z_BEST_SPEED
const deflateElsewhere = promisify(deflateRaw)
const inflateElsewhere = promisify(inflateRaw)
const deflate = (bytes: Buffer): Buffer | Promise<Buffer> =>
  bytes.length <= SMALL_BYTES ? deflateRawSync(bytes, { level }) : deflateElsewhere(bytes, { level })
const inflate = (bytes: Buffer): Buffer | Promise<Buffer> =>
  bytes.length <= SMALL_BYTES ? inflateRawSync(bytes) : inflateElsewhere(bytes)
const frame = new RecordFrame()

/** The same records give the same bytes: the sync marker is made from what the file holds. */
export async function bronzeFile(
  records: readonly KafkaRecord[],
  about: { readonly topic: string; readonly partition: number; readonly sha256: string },
): Promise<Buffer> {
  const sync = createHash('sha256').update(about.sha256).digest().subarray(0, 16)
  const writer = new AvroWriter()
  const parts: Buffer[] = [header(about, sync)]
  for (let at = 0; at < records.length; at += BLOCK_ROWS) {
    const rows = records.slice(at, at + BLOCK_ROWS)
    for (const record of rows) writeRecord(writer, record)
    const block = await deflate(writer.take())
    writer.long(rows.length)
    writer.long(block.length)
    parts.push(writer.take(), block, sync)
  }
  return Buffer.concat(parts)
}

function header({ topic, partition }: { topic: string; partition: number }, sync: Buffer): Buffer {
  const metadata = {
    'avro.schema': JSON.stringify(bronzeSchema),
    'avro.codec': 'deflate',
    'kappa.topic': topic,
    'kappa.partition': String(partition),
  }
  const writer = new AvroWriter(4_096)
  writer.raw(MAGIC)
  writer.long(Object.keys(metadata).length)
  for (const [name, value] of Object.entries(metadata)) {
    writer.text(name)
    writer.text(value)
  }
  writer.long(0)
  writer.raw(sync)
  return writer.take()
}

function writeRecord(writer: AvroWriter, record: KafkaRecord): void {
  const { key, value } = record
  writer.long(record.offset)
  writer.long(record.timestamp)
  if (key === null) writer.long(0)
  else {
    writer.long(1)
    writer.bytes(key)
  }
  writeHeaders(writer, record)
  const schemaId = schemaIdOf(record)
  if (schemaId === undefined) writer.long(0)
  else {
    writer.long(1)
    writer.long(schemaId)
  }
  if (value === null) writer.long(0)
  else {
    writer.long(1)
    writer.bytes(schemaId === undefined ? value : value.subarray(FRAME_BYTES))
  }
  frame.take(record)
  writer.u32(frame.high)
  writer.u32(frame.low)
}

function writeHeaders(writer: AvroWriter, { headers }: KafkaRecord): void {
  const names = headers === undefined ? [] : Object.keys(headers).sort()
  if (names.length > 0) {
    writer.long(names.length)
    for (const name of names) {
      writer.text(name)
      writer.bytes(headers?.[name] ?? Buffer.alloc(0))
    }
  }
  writer.long(0)
}

/** A row read back, and whether it still hashes to what was written beside it. */
export interface BronzeRow {
  readonly record: KafkaRecord
  readonly intact: boolean
}

/** Every row of a file. Throws an Error saying what is wrong with the bytes where they are not such a file. */
export async function readBronzeFile(
  file: Buffer,
  about: { readonly topic: string; readonly partition: number },
): Promise<readonly BronzeRow[]> {
  const reader = new AvroReader(file)
  if (!reader.raw(MAGIC.length).equals(MAGIC)) throw new Error('not an Avro object container file')
  const metadata = new Map(reader.map(() => reader.bytes()))
  const codec = metadata.get('avro.codec')?.toString() ?? 'null'
  if (codec !== 'deflate' && codec !== 'null') throw new Error(`codec ${codec} is not one the archive writes`)
  const sync = reader.raw(16)
  const rows: BronzeRow[] = []
  while (!reader.atEnd) {
    const count = reader.long()
    const bytes = reader.bytes()
    const block = new AvroReader(codec === 'deflate' ? await inflate(bytes) : bytes)
    for (let i = 0; i < count; i++) rows.push(readRecord(block, about))
    if (!block.atEnd || !reader.raw(16).equals(sync))
      throw new Error(`a block of ${count} rows does not end where it says`)
  }
  return rows
}

function readRecord(reader: AvroReader, { topic, partition }: { topic: string; partition: number }): BronzeRow {
  const offset = reader.long()
  const timestamp = reader.long()
  const key = reader.optional(() => reader.bytes())
  const headers = reader.map(() => reader.bytes())
  const schemaId = reader.optional(() => reader.long())
  const body = reader.optional(() => reader.bytes())
  const hash = reader.raw(8)
  const record: KafkaRecord = {
    topic,
    partition,
    offset,
    timestamp,
    key,
    value: body === null || schemaId === null ? body : framed(schemaId, body),
    headers: headers.length === 0 ? undefined : Object.fromEntries(headers),
  }
  frame.take(record)
  return { record, intact: hash.readUInt32BE(0) === frame.high && hash.readUInt32BE(4) === frame.low }
}

function framed(schemaId: number, body: Buffer): Buffer {
  const value = Buffer.allocUnsafe(FRAME_BYTES + body.length)
  value[0] = 0
  value.writeUInt32BE(schemaId, 1)
  body.copy(value, FRAME_BYTES)
  return value
}

import { type FileHandle, open } from 'node:fs/promises'
import { inflateRawSync } from 'node:zlib'
import { uncompressSync as unsnappy } from 'snappy'
import { type RecordType, recordType } from './avro.ts'
import { decimalText } from './decimal.ts'

/**
 * The records of an Avro object container file (specification 1.12, "Object Container Files") by the schema in its header, a
 * block at a time. Of their fields, instants and dates come as `Date`, decimals as exact text; the rest as contracts have it.
 * Codecs: null, deflate, snappy. Throws where the file is none, is damaged, or ends within a block: what came before is whole.
 */
export async function* containerRecords(path: string): AsyncGenerator<readonly Readonly<Record<string, unknown>>[]> {
  const file = await open(path)
  try {
    const bytes = new FileBytes(file)
    const { schema, codec, sync } = await readHeader(bytes)
    const type = recordType<Record<string, unknown>>(schema)
    const convert = conversionsOf(schema)
    while (!(await bytes.atEnd())) {
      const [count, size] = [await readLong(bytes), await readLong(bytes)]
      const block = unpack(await bytes.take(size), codec)
      if (!(await bytes.take(SYNC_BYTES)).equals(sync)) throw new Error('a block does not end in the sync marker')
      yield decodeBlock(type, block, count, convert)
    }
  } finally {
    await file.close()
  }
}

const SYNC_BYTES = 16
const MAGIC = Buffer.from('Obj\u0001')

async function readHeader(bytes: FileBytes): Promise<{ schema: string; codec: string; sync: Buffer }> {
  if (!(await bytes.take(MAGIC.length)).equals(MAGIC)) throw new Error('it is no Avro object container file')
  const meta = new Map<string, Buffer>()
  for (let left = await readLong(bytes); left !== 0; left = await readLong(bytes)) {
    if (left < 0) await readLong(bytes) // a negative count is followed by the block's size in bytes
    for (let i = Math.abs(left); i > 0; i--) {
      const name = String(await bytes.take(await readLong(bytes)))
      meta.set(name, await bytes.take(await readLong(bytes)))
    }
  }
  const schema = meta.get('avro.schema')
  if (schema === undefined) throw new Error('its header has no schema')
  return { schema: String(schema), codec: String(meta.get('avro.codec') ?? 'null'), sync: await bytes.take(SYNC_BYTES) }
}

/** A number as Avro writes it: zig-zag, seven bits a byte, the lowest first. Counts and sizes fit a double. */
async function readLong(bytes: FileBytes): Promise<number> {
  let [value, factor] = [0, 1]
  for (let i = 0; i < 8; i++) {
    const [byte = 0] = await bytes.take(1)
    value += (byte & 0x7f) * factor
    factor *= 128
    if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }
  throw new Error('a count is damaged')
}

function unpack(block: Buffer, codec: string): Buffer {
  if (codec === 'null') return block
  if (codec === 'deflate') return inflateRawSync(block)
  // four bytes of CRC stand behind the compressed ones
  if (codec === 'snappy') return unsnappy(block.subarray(0, -4), { asBuffer: true }) as Buffer
  throw new Error(`its codec ${codec} is not known`)
}

type Conversions = ReadonlyMap<string, (value: unknown) => unknown>

function decodeBlock(
  type: RecordType<Record<string, unknown>>,
  block: Buffer,
  count: number,
  convert: Conversions,
): readonly Record<string, unknown>[] {
  const records: Record<string, unknown>[] = []
  for (let at = 0; records.length < count; ) {
    const { value, offset } = type.decode(block, at)
    if (offset < 0) throw new Error('a block holds fewer records than it says')
    at = offset
    for (const [name, of] of convert) if (value[name] !== null) value[name] = of(value[name])
    records.push(value)
  }
  return records
}

const DAY_MS = 86_400_000

/** What becomes of the values of a field with a logical type. */
function conversionsOf(schema: string): Conversions {
  const { fields } = JSON.parse(schema) as { fields: readonly { name: string; type: unknown }[] }
  return new Map(
    fields.flatMap(({ name, type }) => {
      const branches = Array.isArray(type) ? (type as unknown[]).filter((branch) => branch !== 'null') : [type]
      const [only] = branches as { logicalType?: string; scale?: number }[]
      const convert = branches.length === 1 && only ? conversionOf(only) : undefined
      return convert ? [[name, convert] as const] : []
    }),
  )
}

function conversionOf({ logicalType, scale = 0 }: { logicalType?: string; scale?: number }) {
  switch (logicalType) {
    case 'decimal':
      return (value: unknown) => decimalText(value as bigint, scale)
    case 'timestamp-millis':
      return (value: unknown) => new Date(value as number)
    case 'timestamp-micros':
      return (value: unknown) => new Date(Number((value as bigint) / 1_000n))
    case 'date':
      return (value: unknown) => new Date((value as number) * DAY_MS)
    default:
      return undefined
  }
}

const CHUNK_BYTES = 1 << 20

/** A file's bytes one after the other. */
class FileBytes {
  private readonly file: FileHandle
  private held: Buffer = Buffer.alloc(0)

  constructor(file: FileHandle) {
    this.file = file
  }

  /** The next bytes; throws where the file ends before. */
  async take(length: number): Promise<Buffer> {
    if (length < 0) throw new Error('a size is damaged')
    while (this.held.length < length) {
      if (!(await this.more(length - this.held.length))) throw new Error('the file ends too early')
    }
    const taken = this.held.subarray(0, length)
    this.held = this.held.subarray(length)
    return taken
  }

  async atEnd(): Promise<boolean> {
    return this.held.length === 0 && !(await this.more(1))
  }

  private async more(wanted: number): Promise<boolean> {
    // a damaged size must not ask for more memory than the file has bytes
    const chunk = Buffer.allocUnsafe(Math.min(Math.max(wanted, CHUNK_BYTES), 64 * CHUNK_BYTES))
    const { bytesRead } = await this.file.read(chunk, 0, chunk.length)
    this.held = Buffer.concat([this.held, chunk.subarray(0, bytesRead)])
    return bytesRead > 0
  }
}

import { KappaError } from '#engine/errors'
import { type RecordType, recordType } from './avro.ts'
import type { Contract, Topic } from './contract.ts'
import { keyText } from './key.ts'
import { parseContract } from './parse.ts'

const SLAB_BYTES = 65_536
/** Magic byte and schema id (Confluent wire format). */
export const FRAME_BYTES = 5

/**
 * Framed values are laid one behind the other into slabs of 64 KiB: no copy per value. A slab lives as long as one of its
 * values does, so whoever keeps few values for long copies them.
 */
class Slab {
  private buffer = Buffer.allocUnsafeSlow(SLAB_BYTES)
  private position = 0

  frame<V>(type: RecordType<V>, schemaId: number, value: V): Buffer {
    const start = this.position
    const end = start + FRAME_BYTES <= this.buffer.length ? type.encode(value, this.buffer, start + FRAME_BYTES) : -1
    if (end < 0) return this.frameInNext(type, schemaId, value)
    writeHeader(this.buffer, start, schemaId)
    this.position = end
    return this.buffer.subarray(start, end)
  }

  private frameInNext<V>(type: RecordType<V>, schemaId: number, value: V): Buffer {
    const body = type.toBuffer(value)
    if (body.length + FRAME_BYTES > SLAB_BYTES) {
      const large = Buffer.allocUnsafeSlow(body.length + FRAME_BYTES)
      writeHeader(large, 0, schemaId)
      body.copy(large, FRAME_BYTES)
      return large
    }
    this.buffer = Buffer.allocUnsafeSlow(SLAB_BYTES)
    this.position = 0
    return this.frame(type, schemaId, value)
  }
}

function writeHeader(buffer: Buffer, at: number, schemaId: number): void {
  buffer[at] = 0
  buffer.writeUInt32BE(schemaId, at + 1)
}

const slab = new Slab()

/** `Uint8Array` as the Buffer that avsc asks for, without a copy. */
export const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** Says which field of a value does not fit its type. */
function misfit(type: RecordType<unknown>, value: unknown): string {
  const found: string[] = []
  type.isValid(value, {
    errorHook: (path, part) => found.push(`${path.join('.') || 'the value'} cannot be ${shown(part)}`),
  })
  return found.length === 0 ? 'the value does not fit' : found.join(', ')
}

const shown = (part: unknown): string =>
  typeof part === 'bigint' ? `${part}n` : (JSON.stringify(part) ?? String(part)).slice(0, 80)

/** A handle of a topic; `contract` is well formed (from `parseContract`). */
export function topicOf<V>(contract: Contract): Topic<V> {
  const type = recordType<V>(contract.avro)
  const { name } = contract.topic
  const [onlyKey, ...otherKeys] = contract.topic.key as readonly (keyof V)[]
  const refused = (value: V): KappaError =>
    new KappaError('DECODE_FAILED', `encoding ${name}: ${misfit(type as RecordType<unknown>, value)}`)
  return {
    name,
    contract,
    encode: (value) => {
      try {
        return type.toBuffer(value)
      } catch {
        throw refused(value)
      }
    },
    frame: (schemaId, value) => {
      try {
        return slab.frame(type, schemaId, value)
      } catch {
        throw refused(value)
      }
    },
    decode: (body) => {
      const buffer = asBuffer(body)
      try {
        const { value, offset } = type.decode(buffer, 0)
        if (offset === buffer.length) return value
      } catch (cause) {
        throw new KappaError('DECODE_FAILED', `decoding ${name}`, { cause })
      }
      throw new KappaError('DECODE_FAILED', `decoding ${name}: ${buffer.length} bytes are not exactly one value`)
    },
    keyOf:
      onlyKey !== undefined && otherKeys.length === 0
        ? (value) => keyText([value[onlyKey]])
        : (value) => keyText((contract.topic.key as readonly (keyof V)[]).map((field) => value[field])),
  }
}

/** A handle from the JSON of a contract, as generated code makes it. Throws SCHEMA_INVALID. */
export const topic = <V>(avscJson: unknown): Topic<V> => topicOf<V>(parseContract(avscJson))

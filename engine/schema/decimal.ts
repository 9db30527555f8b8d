const SAFE_BYTES = 6

/** Whether an unscaled value has at most `precision` digits. */
export const fitsPrecision = (unscaled: bigint, precision: number): boolean => {
  const limit = limits[precision] ?? newLimit(precision)
  return unscaled < limit && unscaled > -limit
}

/** Powers of ten by exponent, each computed once. */
const limits: bigint[] = []

function newLimit(precision: number): bigint {
  const limit = 10n ** BigInt(precision)
  limits[precision] = limit
  return limit
}

/**
 * An unscaled decimal as Avro writes it: two's complement, big endian, in the fewest bytes (Avro specification 1.12,
 * "Decimal"), so that equal values always have equal bytes.
 */
export function bytesOfDecimal(unscaled: bigint): Buffer {
  const small = Number(unscaled)
  if (Number.isSafeInteger(small)) {
    let length = 1
    for (let limit = 128; small >= limit || small < -limit; limit *= 256) length++
    const bytes = Buffer.allocUnsafe(length)
    if (length <= SAFE_BYTES) bytes.writeIntBE(small, 0, length)
    else writeLarge(bytes, unscaled)
    return bytes
  }
  let length = 8
  while (BigInt.asIntN(8 * length, unscaled) !== unscaled) length++
  return writeLarge(Buffer.allocUnsafe(length), unscaled)
}

function writeLarge(bytes: Buffer, unscaled: bigint): Buffer {
  let rest = unscaled
  for (let i = bytes.length - 1; i >= 0; i--) {
    bytes[i] = Number(rest & 0xffn)
    rest >>= 8n
  }
  return bytes
}

/** The unscaled value of two's complement bytes, also where a writer of another language padded them. Empty bytes are 0. */
export function decimalOfBytes(bytes: Buffer): bigint {
  const { length } = bytes
  if (length === 0) return 0n
  if (length <= SAFE_BYTES) return BigInt(bytes.readIntBE(0, length))
  let unsigned = 0n
  for (const byte of bytes) unsigned = (unsigned << 8n) | BigInt(byte)
  return BigInt.asIntN(8 * length, unsigned)
}

/** `12.34` for 1234n with scale 2: the exact text of a decimal, as ClickHouse and people read it. */
export function decimalText(unscaled: bigint, scale: number): string {
  if (scale === 0) return String(unscaled)
  const sign = unscaled < 0n ? '-' : ''
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, '0')
  return `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`
}

/** The unscaled value of a decimal's text; undefined where it is none or has more decimals than `scale`. */
export function decimalOfText(text: string, scale: number): bigint | undefined {
  const match = /^([+-]?)(\d+)(?:\.(\d*))?$/.exec(text)
  if (!match) return undefined
  const [, sign, whole = '', decimals = ''] = match
  if (/[1-9]/.test(decimals.slice(scale))) return undefined
  const unscaled = BigInt(whole + decimals.slice(0, scale).padEnd(scale, '0'))
  return sign === '-' ? -unscaled : unscaled
}

/** Reads ClickHouse's Native format, of the types that the suite's tables have: rows as objects. */
export function rowsOfBlock(block: Buffer): Record<string, unknown>[] {
  let at = 0
  const varint = (): number => {
    let value = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = block.readUInt8(next(1))
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value
    }
  }
  const text = (): string => {
    const length = varint()
    at += length
    return block.toString('utf8', at - length, at)
  }
  const next = (bytes: number): number => {
    at += bytes
    return at - bytes
  }
  const wide = (): bigint => block.readBigInt64LE(next(8))
  const scalar = (type: string): unknown => {
    switch (type.replace(/\(.*/, '')) {
      case 'String':
        return text()
      case 'Int64':
      case 'DateTime64':
        return Number(wide())
      case 'Decimal':
        return wide()
      case 'UInt64':
        return BigInt.asUintN(64, wide())
      case 'Int32':
        return block.readInt32LE(next(4))
      case 'UInt32':
        return block.readUInt32LE(next(4))
      case 'UInt8':
        return block.readUInt8(next(1))
      default:
        throw new Error(`reading a block: no column of type ${type} was expected`)
    }
  }
  const columns = varint()
  const count = varint()
  const rows = Array.from({ length: count }, (): Record<string, unknown> => ({}))
  for (let column = 0; column < columns; column++) {
    const [name, type] = [text(), text()]
    const inner = /^Nullable\((.*)\)$/.exec(type)?.[1]
    const nullsAt = inner === undefined ? undefined : next(count)
    for (const [index, row] of rows.entries()) {
      const value = scalar(inner ?? type)
      row[name] = nullsAt !== undefined && block[nullsAt + index] === 1 ? null : value
    }
  }
  if (at !== block.length) throw new Error(`reading a block: ${block.length - at} bytes are left`)
  return rows
}

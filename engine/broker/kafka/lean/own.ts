/** A copy in memory of its own: outside Node's shared pool, and holding nothing else alive. */
export function own(bytes: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length)
  bytes.copy(copy)
  return copy
}

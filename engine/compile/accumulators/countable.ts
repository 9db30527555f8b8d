/** A value that can be told from others by `===`. */
export type Countable = string | number | bigint | boolean

/** Why values cannot be told apart by themselves; undefined where they can. Bytes are: `countableOf` makes text of them. */
export const uncountable = (value: unknown): string | undefined =>
  typeof value === 'object' && !(value instanceof Uint8Array)
    ? 'is a list, which is not told apart from others'
    : undefined

/** The value as a key of a map; -0 is 0. */
export function countableOf(value: unknown): Countable {
  if (value instanceof Uint8Array)
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('latin1')
  return value === 0 ? 0 : (value as Countable)
}

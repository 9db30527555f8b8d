import type { Headers } from './contract.ts'

const SUFFIX = ';base64'

/** The name under which a client that passes values through strings writes a value that would not survive it. */
export const wrappedName = (name: string): string => `${name}${SUFFIX}`

/** A header's bytes, also where they travelled as base64 under `<name>;base64`; undefined where there is no such header. */
export function headerOf(headers: Headers | undefined, name: string): Buffer | undefined {
  const plain = headers?.[name]
  if (plain !== undefined) return plain
  const wrapped = headers?.[wrappedName(name)]
  return wrapped === undefined ? undefined : Buffer.from(wrapped.toString('latin1'), 'base64')
}

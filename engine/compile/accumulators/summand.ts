import type { FieldType } from '#engine/schema'

/** How a number is added up: integers and exact decimals exactly, doubles in the order of additions. */
export type Summand = 'integer' | 'decimal' | 'double'

/** @param type undefined: made by a function, and taken as a double */
export const summandOf = (type: FieldType | undefined): Summand =>
  type?.kind === 'decimal' ? 'decimal' : type === undefined || type.kind === 'double' ? 'double' : 'integer'

export const misfitOf: Record<Summand, (value: unknown) => string | undefined> = {
  integer: (value) => (Number.isSafeInteger(value) ? undefined : 'is no safe integer'),
  decimal: (value) => (typeof value === 'bigint' ? undefined : 'is no exact decimal (bigint)'),
  double: (value) => (typeof value === 'number' ? undefined : 'is no number'),
}

export const plus = (kind: Summand): ((a: unknown, b: unknown) => unknown) =>
  kind === 'decimal' ? (a, b) => (a as bigint) + (b as bigint) : (a, b) => (a as number) + (b as number)

export const zeroOf = (kind: Summand): number | bigint => (kind === 'decimal' ? 0n : 0)

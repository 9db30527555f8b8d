import type { Market } from '../shop/markets.ts'

/** Hundredths of the market's currency in euro cents. */
export const eurosOf = (amount: bigint, { priceFactor }: Market): bigint =>
  BigInt(Math.round(Number(amount) / priceFactor))

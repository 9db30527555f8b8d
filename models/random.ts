/**
 * A seeded source of numbers, the same on every machine: splitmix32 (Steele, Lea, Flood 2014, "Fast splittable pseudorandom
 * number generators", in 32 bits). Only integer arithmetic and exact divisions, no functions whose last bit is the engine's.
 */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x9e37_79b9) >>> 0
    let mixed = state ^ (state >>> 16)
    mixed = Math.imul(mixed, 0x21f0_aaad)
    mixed ^= mixed >>> 15
    mixed = Math.imul(mixed, 0x735a_2d97)
    mixed ^= mixed >>> 15
    return (mixed >>> 0) / 4_294_967_296
  }
}

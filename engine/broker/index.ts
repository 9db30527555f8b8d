export * from './contract.ts'
export { kafkaBroker } from './kafka/broker.ts'
export { murmur2, partitionOf } from './murmur2.ts'
export { type TailFrom, tail } from './tail.ts'

export * from './contract.ts'
export { keyText } from './key.ts'

export { compile } from './compile.ts'
export * from './contract.ts'

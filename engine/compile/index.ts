export { compile } from './compile.ts'
export * from './contract.ts'
export { Watermarks } from './watermarks.ts'

export { compile } from './compile.ts'
export * from './contract.ts'
export type { StateView } from './view.ts'
export { Watermarks } from './watermarks.ts'

export type { OnStackEvent, StackEvent } from './events.ts'
export { type ServiceName, serviceNames } from './services/contract.ts'
export { attachStack, type RunningStack, type StackOptions, startStack, stopStack } from './stack.ts'

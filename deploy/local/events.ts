import type { ServiceName } from './services/contract.ts'

/** What a starting or stopping stack tells whoever shows it. Times in milliseconds, sizes in bytes. */
export type StackEvent =
  | { readonly kind: 'fetching'; readonly part: string; readonly received: number; readonly expected: number }
  | { readonly kind: 'fetched'; readonly part: string }
  | { readonly kind: 'running'; readonly service: ServiceName; readonly pid: number }
  | { readonly kind: 'starting'; readonly service: ServiceName; readonly pid: number }
  | { readonly kind: 'waiting'; readonly service: ServiceName; readonly elapsed: number; readonly reason: string }
  | { readonly kind: 'ready'; readonly service: ServiceName; readonly pid: number; readonly elapsed: number }
  | { readonly kind: 'stopped'; readonly service: string; readonly how: 'stopped' | 'killed' }

export type OnStackEvent = (event: StackEvent) => void

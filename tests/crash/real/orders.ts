import type { TaskSettings, TaskStatus } from '#engine/runtime'

/** What a worker process is started with. */
export interface Order {
  readonly id: string
  readonly brokers: readonly string[]
  readonly topology: string
  readonly prefix: string
  readonly fetching: 'lean' | 'librdkafka'
  readonly settings: Partial<TaskSettings>
  readonly isStatic: boolean
  /** Absent: it keeps no state on disk. */
  readonly stateFolder?: string
}

/** What it is asked while it runs. */
export type Ask =
  | { readonly kind: 'strike'; readonly what: string; readonly step: number; nth: number; readonly stops: boolean }
  | { readonly kind: 'calm' }
  | { readonly kind: 'status'; readonly id: number }

export interface Answer {
  readonly id: number
  readonly statuses: readonly TaskStatus[]
}

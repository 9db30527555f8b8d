import type { TopicSpec } from '#engine/broker'
import type { Moments } from '#engine/time'

/**
 * What becomes of moments that passed while nothing ran, or while the run before went on: each is run, oldest first; only
 * the last is; none is.
 */
export type CatchUp = 'each' | 'last' | 'none'

/** One thing to be done again and again. */
export interface Entry {
  readonly name: string
  /** As declared: part of what is recorded, since missed moments are counted by the expression that was in force. */
  readonly cron: string
  readonly timeZone: string
  readonly moments: Moments
  readonly catchUp: CatchUp
  /** A run that takes longer, in milliseconds, is ended and has failed. */
  readonly timeoutMs: number
}

/** Why a run is: by its time, for a time that passed, or because somebody asked. */
export type Trigger = 'time' | 'catch-up' | 'again' | 'asked'

export type Outcome = 'succeeded' | 'failed' | 'interrupted'

/**
 * One event of the history. `declared`: from `at` on the entry's moments count. `started`, then `alive` every now and then,
 * then `ended`; a run that shows no sign of life for `LEASE_MS` is lost: whoever ran it was killed. `paused`: no moment is
 * taken before `resumed`; what passed meanwhile counts as missed.
 */
export interface ScheduleEvent {
  readonly kind: 'declared' | 'started' | 'alive' | 'ended' | 'paused' | 'resumed'
  readonly entry: string
  /** Wall clock, milliseconds. */
  readonly at: number
  /** With `declared`. */
  readonly cron?: string
  readonly timeZone?: string
  /** The moment that the run is for. With `started`, `alive` and `ended`. */
  readonly scheduledAt?: number
  /** Which try of this moment it is, from 1. */
  readonly attempt?: number
  readonly trigger?: Trigger
  /** With `started`: moments that passed and are not run, as the entry says. */
  readonly passedOver?: number
  /** With `started`: who runs it (`Runners.own`). */
  readonly runner?: string
  /** With `ended`. */
  readonly outcome?: Outcome
  readonly exitCode?: number
  readonly seconds?: number
  /** With `ended`: why it failed, as far as its last lines tell. */
  readonly reason?: string
}

/** Tells processes that run entries apart. */
export interface Runners {
  /** This process. */
  readonly own: string
  /** True where that process has surely ended; false also where nobody here can know. */
  isGone(runner: string): boolean
}

/** The history of every run, for 400 days: what ran last month and last year is known. */
export const schedulesTopic: TopicSpec = {
  name: 'kappa.schedules.v1',
  partitions: 1,
  settings: { 'cleanup.policy': 'delete', 'retention.ms': String(400 * 86_400_000), 'retention.bytes': '-1' },
}

/** What an operator has to know: failures, and that they are over. */
export const alertsTopic: TopicSpec = {
  name: 'kappa.alerts.v1',
  partitions: 1,
  settings: { 'cleanup.policy': 'delete', 'retention.ms': String(400 * 86_400_000), 'retention.bytes': '-1' },
}

/** A value of `kappa.alerts.v1`, as JSON. */
export interface Alert {
  /** What found it: `schedule`. */
  readonly source: string
  /** What it is about, e.g. the entry; a later alert of the same source and subject takes its place. */
  readonly subject: string
  readonly state: 'firing' | 'resolved'
  /** Wall clock, milliseconds. */
  readonly at: number
  readonly text: string
}

export const ALIVE_EVERY_MS = 20_000
export const LEASE_MS = 75_000
/** A run that was interrupted or lost is tried again so often; one that failed is not: its next moment comes. */
export const MOST_ATTEMPTS = 3

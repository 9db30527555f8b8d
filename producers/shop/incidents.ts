import { KappaError } from '#engine/errors'
import { milliseconds } from '#engine/time'

/**
 * checkout-failure: nearly every payment is refused · bot-burst: bots fill carts and never pay, three times the usual
 * traffic on top · slow-drift: fewer and fewer visitors buy, down to a quarter at the end · quiet-night: hardly anybody
 * comes · holiday: twice the visitors, and they buy more readily.
 */
export const INCIDENT_KINDS = ['checkout-failure', 'bot-burst', 'slow-drift', 'quiet-night', 'holiday'] as const
export type IncidentKind = (typeof INCIDENT_KINDS)[number]

export interface Incident {
  readonly kind: IncidentKind
  /** First instant, milliseconds. */
  readonly start: number
  /** First instant after it. */
  readonly end: number
}

/** What holds at an instant. */
export interface Conditions {
  /** Share of payments refused. */
  readonly refusal: number
  /** Factor on the readiness to go on towards a purchase. */
  readonly readiness: number
  /** Sessions for one that begins in ordinary times. */
  readonly traffic: number
}

const ORDINARY: Conditions = { refusal: 0.06, readiness: 1, traffic: 1 }

export function conditionsAt(incidents: readonly Incident[], instant: number): Conditions {
  let conditions = ORDINARY
  for (const { kind, start, end } of incidents) {
    if (instant < start || instant >= end) continue
    if (kind === 'checkout-failure') conditions = { ...conditions, refusal: 0.97 }
    if (kind === 'slow-drift')
      conditions = { ...conditions, readiness: conditions.readiness * (1 - (0.75 * (instant - start)) / (end - start)) }
    if (kind === 'quiet-night') conditions = { ...conditions, traffic: 0.03 * conditions.traffic }
    if (kind === 'holiday')
      conditions = { ...conditions, traffic: 2 * conditions.traffic, readiness: 1.25 * conditions.readiness }
  }
  return conditions
}

/** Bots' sessions for one that a person begins. */
export const BOT_TRAFFIC = 3

const UNITS: Readonly<Record<string, string>> = { s: 'second', m: 'minute', h: 'hour', d: 'day' }

/** Reads `kind@start+duration`, e.g. `checkout-failure@2025-01-05T14:00Z+20m`. Throws CONFIG_INVALID saying what is wrong. */
export function incidentOf(text: string): Incident {
  const refuse = (why: string): never => {
    const example = 'write it as checkout-failure@2025-01-05T14:00Z+20m'
    throw new KappaError('CONFIG_INVALID', `reading --incident '${text}': ${why} (${example})`)
  }
  const match = /^([a-z-]+)@([^+]+)\+(\d+)([smhd])$/.exec(text)
  if (!match) return refuse('it is not of the form kind@start+duration')
  const [, name = '', at = '', amount = '', unit = ''] = match
  const kind = INCIDENT_KINDS.find((one) => one === name)
  if (!kind) return refuse(`there is no kind '${name}', only ${INCIDENT_KINDS.join(', ')}`)
  const start = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?Z$/.test(at) ? Date.parse(at) : Number.NaN
  if (Number.isNaN(start)) return refuse(`'${at}' is no instant in UTC`)
  if (Number(amount) === 0) return refuse('it has no duration')
  return { kind, start, end: start + milliseconds(`${amount} ${UNITS[unit]}`) }
}

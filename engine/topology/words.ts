import type { AggregateColumn } from './aggregates.ts'
import { needsRekey } from './check.ts'
import { orderGrace } from './check-order.ts'
import type { InputPlan, MapStep, Plan, Step, TablePlan, WithinStep } from './plan.ts'
import type { Window } from './windows.ts'

/** A plan's parts in plain words. A kind that has no sentence of its own is told by its options. */

const UNITS = [
  ['week', 604_800_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const

/** Milliseconds in the largest unit that divides them: `90 seconds`, `1 hour`. */
export function durationText(milliseconds: number): string {
  if (milliseconds === 0) return '0 seconds'
  const [unit, length] = UNITS.find(([, size]) => milliseconds % size === 0) ?? (['millisecond', 1] as const)
  const amount = milliseconds / length
  return `${amount} ${unit}${amount === 1 ? '' : 's'}`
}

const listed = (names: readonly string[]): string => names.join(', ')
const spaced = (name: string): string => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)

/** The options of a kind, in words: `gap 30 minutes`, `precision 14`. Functions cannot be told. */
export const optionTexts = (options: object, without: readonly string[]): string[] =>
  Object.entries(options).flatMap(([name, value]) => {
    if (without.includes(name) || value === undefined || typeof value === 'function') return []
    if (name.endsWith('Ms') && typeof value === 'number')
      return [`${spaced(name.slice(0, -'Ms'.length))} ${durationText(value)}`]
    return [`${spaced(name)} ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`]
  })

export function windowText(window: Window): string {
  const { kind } = window
  switch (kind) {
    case 'calendar':
      return `calendar ${window.unit}s in ${window.timeZone}, grace ${durationText(window.graceMs)}`
    case 'tumbling':
      return `tumbling windows of ${durationText(window.sizeMs)}, grace ${durationText(window.graceMs)}`
    case 'hopping':
      return `hopping windows of ${durationText(window.sizeMs)}, one every ${durationText(window.advanceMs)}, grace ${durationText(window.graceMs)}`
    default:
      return `${kind} windows: ${listed(optionTexts(window, ['kind']))}`
  }
}

export function aggregateText(column: AggregateColumn): string {
  const options = optionTexts(column, ['kind', 'field', 'rule', 'accepts'])
  const field = column.field === undefined ? '' : ` of ${column.field}`
  return `${column.kind}${field}${options.length > 0 ? ` (${listed(options)})` : ''}`
}

export function stepText(step: Step): string {
  switch (step.kind) {
    case 'where':
      return `where ${Object.entries(step.match)
        .map(([field, values]) => `${field} is ${values.map(String).join(' or ')}`)
        .join(' and ')}`
    case 'filter':
      return `filter by ${listed(step.fields)}`
    case 'map':
      return `map ${listed(step.fields) || 'nothing'}${step.keep.length > 0 ? `, keep ${listed(step.keep)}` : ''}${renamedText(step)}`
    case 'mask':
      return `mask ${Object.entries(step.columns)
        .map(([field, column]) => (column === null ? `${field} (dropped)` : `${field} as ${column}`))
        .join(', ')}`
    case 'declassify':
      return `declassify ${listed(step.fields)}: ${step.reason}`
    case 'join': {
      const { table, on, asOf, maxAgeMs } = step
      const age =
        maxAgeMs === undefined
          ? ''
          : maxAgeMs === 0
            ? ', of exactly that time'
            : `, at most ${durationText(maxAgeMs)} old`
      const grace = step.graceMs === 0 ? '' : `, after a grace of ${durationText(step.graceMs)}`
      return `${step.join} join ${table.topic.name} on ${listed(on)} as of ${asOf ?? 'the event’s time'}${age}${grace}`
    }
    case 'within':
      return withinText(step)
    case 'deduplicate':
      return `drop duplicates by ${listed(step.by)} within ${durationText(step.withinMs)}`
    default:
      return told(step)
  }
}

function renamedText({ rename = {} }: MapStep): string {
  const names = Object.entries(rename).map(([column, field]) => `${field} as ${column}`)
  return names.length > 0 ? `, rename ${listed(names)}` : ''
}

function withinText({ side, within }: WithinStep): string {
  const { join, on, beforeMs, afterMs, graceMs } = within
  const span = (length: number): string => `${length < 0 ? '−' : ''}${durationText(Math.abs(length))}`
  const window = `from ${span(beforeMs)} before to ${span(afterMs)} after the left one, grace ${durationText(graceMs)}`
  return `${side} side of an ${join} join of streams on ${listed(on)}: ${window}`.replace('an left', 'a left')
}

/** A kind of step that this page does not know yet. */
const told = (step: { readonly kind: string }): string => listed([step.kind, ...optionTexts(step, ['kind'])])

const PARTIALS = ' (a re-key: partial aggregates go to a second stage)'
const inOrder = (graceMs: number): string =>
  ` (a re-key: rows go to a second stage, which takes them in the order of time after a grace of ${durationText(graceMs)})`

/** What stands between the inputs and the destination. */
export function operatorTexts(plan: Plan): string[] {
  const { operator, keyBy, finish } = plan
  const after = finish.map(stepText)
  if (operator?.kind === 'tables')
    return [`${operator.join} join of tables on ${listed(operator.on)}: a row whenever either side changes`, ...after]
  if (!operator || !keyBy) return after
  const grace = orderGrace(operator)
  const rekey = !needsRekey(plan) ? '' : grace === undefined ? PARTIALS : inOrder(grace)
  const key = `key by ${listed(keyBy)}${rekey}`
  if (operator.kind === 'stateful') {
    const kept = operator.ttlMs === undefined ? 'kept until removed' : `kept for ${durationText(operator.ttlMs)}`
    const timers = operator.onTimer ? ', with timers' : ''
    return [key, `state '${operator.name}' by key, ${kept}${timers}`, `reads ${listed(operator.reads)}`, ...after]
  }
  const columns = Object.entries(operator.columns).map(([name, column]) => `${name} = ${aggregateText(column)}`)
  const emits = operator.emit === 'on-close' ? 'once, when its window closes' : 'whenever it changes'
  return [key, windowText(operator.window), ...columns, `emit ${operator.emit}: a row ${emits}`, ...after]
}

export function inputText({ topic, idleAfterMs, maxAheadMs }: InputPlan): string {
  const { key, time } = topic.contract.topic
  const idle = idleAfterMs === undefined ? 'waited for when silent' : `silent after ${durationText(idleAfterMs)}`
  const ahead = maxAheadMs === undefined ? [] : [`at most ${durationText(maxAheadMs)} ahead`]
  return listed([`keyed by ${key.length > 0 ? key.join(' + ') : 'nothing'}`, `time ${time}`, idle, ...ahead])
}

export function tableText({ topic, historyMs, idleAfterMs, clock, broadcast }: TablePlan): string {
  const whole = broadcast ? ['read whole by every task'] : []
  const shared = clock === 'shared' ? ['its rows move time'] : []
  const { key, time } = topic.contract.topic
  const idle = idleAfterMs === 0 ? [] : [`silent after ${durationText(idleAfterMs)}`]
  return listed([
    `table by ${key.join(' + ')}`,
    `versions by ${time}`,
    `history ${durationText(historyMs)}`,
    ...idle,
    ...shared,
    ...whole,
  ])
}

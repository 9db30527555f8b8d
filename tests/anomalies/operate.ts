import type { Plan } from '#engine'

type Row = Record<string, unknown>

/**
 * Takes rows of one partition, in order of event time, through a stateful operator: timers fire in order of time before
 * the first row that is not before them, as a task fires them.
 */
export function operate<R>(plan: Plan, rows: readonly object[], timeOf: (row: Row) => number, end: number): R[] {
  const { operator, keyBy = [] } = plan
  if (operator?.kind !== 'stateful') throw new Error(`${plan.name} has no stateful operator`)
  const keys = new Map<string, { readonly key: Row; state: unknown }>()
  const timers: { readonly time: number; readonly id: string }[] = []
  const published: R[] = []
  const contextOf = (id: string, key: Row, time: number) => ({
    key,
    eventTime: time,
    streamTime: time,
    setTimer: (at: number) => {
      const before = timers.findIndex((timer) => timer.time > at)
      timers.splice(before === -1 ? timers.length : before, 0, { time: at, id })
    },
    clearTimer: (at: number) => {
      const found = timers.findIndex((timer) => timer.time === at && timer.id === id)
      if (found !== -1) timers.splice(found, 1)
    },
    late: () => undefined,
    remove: () => void keys.delete(id),
  })
  const publish = (result: unknown): void => {
    if (result !== undefined) published.push(...((Array.isArray(result) ? result : [result]) as R[]))
  }
  const advance = (time: number): void => {
    for (let timer = timers[0]; timer && timer.time <= time; timer = timers[0]) {
      timers.shift()
      const held = keys.get(timer.id)
      if (held) publish(operator.onTimer?.(contextOf(timer.id, held.key, timer.time), held.state))
    }
  }
  for (const row of rows as readonly Row[]) {
    advance(timeOf(row))
    const key = Object.fromEntries(keyBy.map((field) => [field, row[field]]))
    const id = JSON.stringify(key)
    const held = keys.get(id) ?? { key, state: operator.initial() }
    keys.set(id, held)
    publish(operator.onEvent(contextOf(id, key, timeOf(row)), row, held.state))
  }
  advance(end)
  return published
}

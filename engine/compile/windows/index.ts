import { KappaError } from '#engine/errors'
import type { Plan, WindowOperator } from '#engine/topology'
import type { TaskContext } from '../contract.ts'
import { framesOf } from '../frames.ts'
import { Grouping } from '../grouping.ts'
import type { Host, Operator } from '../operator.ts'
import { Partials } from '../partials.ts'
import { CountedWindows } from './counted.ts'
import { FramedWindows } from './framed.ts'
import { FramedMerge } from './framed-merge.ts'
import type { Merging } from './merging.ts'
import { SessionPartials } from './session-partials.ts'
import { Sessions } from './sessions.ts'
import { Sliding } from './sliding.ts'
import { SlidingPartials } from './sliding-partials.ts'
import type { WindowTarget } from './target.ts'

/** What a re-key cannot do: PLAN_INVALID before anything runs. */
export function checkRekeyed(plan: Plan, operator: WindowOperator): void {
  const { kind } = operator.window
  if (kind !== 'session' && kind !== 'sliding') return
  const { orderedColumns } = new Grouping(plan, operator)
  if (orderedColumns.length === 0) return
  const told = orderedColumns.map((name) => `'${name}' (${wayOut[operator.columns[name]?.kind ?? ''] ?? DOUBLES})`)
  throw new KappaError(
    'PLAN_INVALID',
    `compiling ${plan.name}: behind a re-key, ${kind} windows merge what partitions ship in any order, which would show in ${told.join(', ')}`,
  )
}

const DOUBLES = 'use exact decimals: sums of doubles depend on their order'
/** What to do about an aggregate that depends on the order of merging, by its kind. */
const wayOut: Readonly<Record<string, string>> = {
  fold: "say order: 'any' where merging gives the same in every order",
  'top k': 'leave its capacity out: a bounded summary depends on the order',
}

/** @param shipping set where a re-key follows: the task whose partial aggregates go there */
export function windowsOf(
  plan: Plan,
  operator: WindowOperator,
  target: WindowTarget,
  shipping: TaskContext | undefined,
  host: Host,
): Operator {
  const { window } = operator
  const grouping = new Grouping(plan, operator)
  const partials = shipping && new Partials(shipping.partition, shipping.partitions)
  switch (window.kind) {
    case 'session':
      return partials
        ? new SessionPartials(window, grouping, partials, host)
        : new Sessions(window, grouping, target, host, false)
    case 'sliding':
      return partials
        ? new SlidingPartials(window, grouping, partials, host)
        : new Sliding(window, grouping, target, host)
    case 'count':
      return new CountedWindows(window, grouping, target, host)
    default:
      return new FramedWindows(framesOf(window), grouping, target, partials, host)
  }
}

export function mergingOf(
  plan: Plan,
  operator: WindowOperator,
  target: WindowTarget,
  partitions: number,
  host: Host,
): Merging {
  const { window } = operator
  const grouping = new Grouping(plan, operator)
  switch (window.kind) {
    case 'session':
      return new Sessions(window, grouping, target, host, true)
    case 'sliding':
      return new Sliding(window, grouping, target, host)
    case 'count':
      throw new KappaError('PLAN_INVALID', `opening ${plan.name}: windows of a number of events are not re-keyed`)
    default:
      return new FramedMerge(framesOf(window), grouping, target, host, partitions)
  }
}

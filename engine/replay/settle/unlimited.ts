import { KappaError } from '#engine/errors'
import type { AnyTopic } from '#engine/schema'
import {
  type AggregateColumn,
  columnType,
  type FramedWindow,
  holdsAt,
  type InputPlan,
  type Plan,
  type Step,
  type WindowOperator,
} from '#engine/topology'

/** A hundred years, milliseconds: nothing is too late. */
const UNLIMITED_MS = 36_500 * 86_400_000

/** A processor whose late events can be settled by rows that correct its own. */
export interface Settleable {
  readonly plan: Plan
  readonly window: FramedWindow
  /** Columns that are added up: counts and sums. A correction has what is missing, signed. */
  readonly columns: readonly string[]
  /** Columns that no addition corrects: means, extremes, first and last. A correction has what they come to. */
  readonly replaced: readonly string[]
}

/** What a processor has to be for its late events to be settled. Throws CONFIG_INVALID saying what it is not. */
export function settleable(
  plan: Plan,
  corrections: AnyTopic | undefined,
): Settleable & { readonly corrections: AnyTopic } {
  const refuse = (why: string): never => {
    throw new KappaError(
      'CONFIG_INVALID',
      `settling ${plan.name}: ${why}; a replay of the range makes its rows anew: kappa replay run ${plan.name}`,
    )
  }
  const { operator, destination, keyBy = [], finish } = plan
  if (operator?.kind !== 'window' || operator.emit !== 'on-close' || finish.length > 0)
    return refuse('only rows that are published once, by windows, can be corrected by others')
  const { window } = operator
  if (window.kind === 'count' || window.kind === 'session' || window.kind === 'sliding')
    return refuse(`${window.kind} windows move with their events`)
  if (plan.inputs.some((input) => holdsAt(input) >= 0)) return refuse('a join holds its events back')
  const odd = Object.entries(operator.columns).flatMap(([name, column]) => {
    const why = objectionTo(plan, column)
    return why === undefined ? [] : [`${name} (${column.kind}): ${why}`]
  })
  if (odd.length > 0) return refuse(odd.join('; '))
  const columns = Object.entries(operator.columns)
  const [sums, others] = [true, false].map((wanted) =>
    columns.filter(([, { kind }]) => (kind === 'count' || kind === 'sum') === wanted).map(([name]) => name),
  )
  const rough = destination.contract.fields.filter(
    ({ name, type }) => sums?.includes(name) && !['int', 'long', 'decimal'].includes(type.kind),
  )
  if (rough.length > 0)
    return refuse(
      `${rough.map(({ name }) => name).join(', ')}: sums of doubles depend on their order; use exact decimals`,
    )
  const open = destination.contract.topic.id.filter((field) => field !== 'windowStart' && !keyBy.includes(field))
  if (open.length > 0) return refuse(`${open.join(', ')} of its identity is neither a key nor the window`)
  if (corrections === undefined) return refuse('it has no topic of corrections')
  const named = new Set(corrections.contract.fields.map(({ name }) => name))
  const missing = columns.map(([name]) => name).filter((name) => !named.has(name))
  if (missing.length > 0) return refuse(`${corrections.name} has no ${missing.join(', ')}`)
  return { plan, window, columns: sums ?? [], replaced: others ?? [], corrections }
}

/**
 * Why a column cannot be corrected: what is made anew has to be the same to the last bit however its events came, and there are
 * kinds that only follow from an order, or that are not exact.
 */
function objectionTo(plan: Plan, column: AggregateColumn): string | undefined {
  switch (column.kind) {
    case 'count':
    case 'sum':
    case 'min':
    case 'max':
    case 'first':
    case 'last':
      return undefined
    case 'mean': {
      const kind = columnType(plan, column.field)?.kind
      return kind === 'int' || kind === 'long' || kind === 'decimal'
        ? undefined
        : 'a mean of doubles depends on their order; use exact decimals'
    }
    case 'approximate distinct':
    case 'quantiles':
    case 'top k':
      return 'a sketch is not exact, and a ledger is'
    default:
      return 'only counts and sums are added to, and means, extremes, first and last put in place of others'
  }
}

/**
 * The same processor with unlimited grace, and tables whose whole history may be looked up. Windows that never close tell
 * every change of theirs: the last row of each is what it comes to.
 */
export function unlimited({ plan, window }: Settleable): Plan {
  // A join that stands in several branches is one step, and stays one.
  const known = new Map<Step, Step>()
  const step = (one: Step): Step => {
    const found = known.get(one)
    if (found !== undefined) return found
    const made = one.kind === 'join' ? { ...one, table: { ...one.table, historyMs: UNLIMITED_MS } } : one
    known.set(one, made)
    return made
  }
  const inputs = plan.inputs.map((input): InputPlan => ({ ...input, steps: input.steps.map(step) }))
  const operator: WindowOperator = {
    ...operatorOf(plan),
    emit: 'on-update',
    window: { ...window, graceMs: UNLIMITED_MS },
  }
  return { ...plan, inputs, operator }
}

function operatorOf({ name, operator }: Plan): WindowOperator {
  if (operator?.kind === 'window') return operator
  throw new KappaError('PLAN_INVALID', `settling ${name}: it has no windows`)
}

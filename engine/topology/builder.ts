import { KappaError } from '#engine/errors'
import type { AnyTopic, Topic } from '#engine/schema'
import { type Duration, milliseconds } from '#engine/time'
import type { AggregateColumn } from './aggregates.ts'
import { checkPlan } from './check.ts'
import { versionOf } from './fingerprint.ts'
import type {
  EmitMode,
  InputPlan,
  MapStep,
  Plan,
  Row,
  StatefulOperator,
  Step,
  TablePlan,
  TablesOperator,
  WindowOperator,
  WithinPlan,
} from './plan.ts'
import type { InputOptions, Sources, Stream, Table } from './stream.ts'
import type { Window } from './windows.ts'

/**
 * The builder behind the types of stream.ts: collects a plan and checks it. It carries no row types itself; `stream.ts`
 * is what authors see.
 */

/** The plan of a processor. PLAN_INVALID where it cannot be built: the message names the step and the field. */
export function processor(name: string, build: (sources: Sources) => Plan): Plan {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name))
    throw new KappaError('PLAN_INVALID', `naming a processor '${name}' (lower case words joined by '-')`)
  const plan = {
    ...build({ from: from as Sources['from'], merge, joinTables: joinTables as unknown as Sources['joinTables'] }),
    name,
  }
  checkPlan(plan)
  return Object.freeze({ ...plan, version: versionOf(plan) })
}

/**
 * Reads a topic as a table versioned by event time. `history`: how far behind stream time a look-up is still answered.
 * `idleAfter`: how long the table's end must have been reached before streams pass it; by default at once. `clock`:
 * `shared` for a table that is a stream itself (quotes, positions): its rows move time as events do, and a row older than
 * the history is late; by default only the streams move time, and a row is never too old to be the latest one.
 */
export function table<T>(
  topic: Topic<T>,
  options: { readonly history: Duration; readonly idleAfter?: Duration; readonly clock?: TablePlan['clock'] },
): Table<T> {
  const plan: TablePlan = {
    topic,
    historyMs: milliseconds(options.history),
    idleAfterMs: milliseconds(options.idleAfter ?? '0 milliseconds'),
    clock: options.clock ?? 'streams',
  }
  return { plan }
}

/**
 * Reads a small topic as a table that every task holds whole, so that a stream keyed by anything can be joined by any of its
 * fields; the topics' numbers of partitions may differ. Otherwise as `table`: versioned by event time, and part of the recorded slices, so
 * that a replay finds the same rows. Costs its whole state, and one reader, in every task.
 */
export function broadcast<T>(
  topic: Topic<T>,
  options: { readonly history: Duration; readonly idleAfter?: Duration },
): Table<T> {
  return { plan: { ...table(topic, options).plan, broadcast: true } }
}

function from<V>(topic: Topic<V>, options: InputOptions & { readonly arrival?: string } = {}): Stream<V> {
  const input: InputPlan = {
    topic,
    idleAfterMs: options.idleAfter === undefined ? undefined : milliseconds(options.idleAfter),
    maxAheadMs: options.maxAhead === undefined ? undefined : milliseconds(options.maxAhead),
    ...(options.arrival === undefined ? {} : { arrival: options.arrival }),
    steps: [],
  }
  return streamOf<V>([input])
}

function merge<V>(first: Stream<V>, ...others: readonly Stream<V>[]): Stream<V> {
  return streamOf<V>([first, ...others].flatMap((stream) => (stream as unknown as Chain).inputs))
}

function joinTables(left: AnyTopic, right: AnyTopic, options: TablesOptions) {
  const inputs = [left, right].map((topic): InputPlan => {
    return { topic, idleAfterMs: milliseconds(options.idleAfter ?? '0 milliseconds'), maxAheadMs: undefined, steps: [] }
  })
  return new Rows(inputs, undefined, { kind: 'tables', on: options.on, join: options.kind, select: options.select }, [])
}

const streamOf = <V>(inputs: readonly InputPlan[]): Stream<V> => new Chain(inputs) as unknown as Stream<V>

interface MapOptions {
  readonly keep: readonly string[]
  readonly rename?: Readonly<Record<string, string>>
}

interface JoinOptions {
  readonly on: readonly string[]
  readonly select: Readonly<Record<string, string>>
  readonly kind: 'inner' | 'left'
  readonly otherwise?: Readonly<Row>
  readonly maxAge?: Duration
  readonly asOf?: string
  readonly grace?: Duration
}

interface WithinOptions {
  readonly on: readonly string[]
  readonly before: Duration
  readonly after: Duration
  readonly grace: Duration
  readonly select: Readonly<Record<string, string>>
  readonly kind: WithinPlan['join']
  readonly identity?: string
}

interface TablesOptions {
  readonly on: readonly string[]
  readonly select: Readonly<Record<string, string>>
  readonly kind: TablesOperator['join']
  readonly idleAfter?: Duration
}

/** Milliseconds of a duration that may be negative. */
const signed = (duration: Duration): number =>
  duration.startsWith('-') ? -milliseconds(duration.slice(1)) : milliseconds(duration)

interface StatefulOptions {
  readonly name: string
  readonly reads: readonly string[]
  readonly state: { readonly initial: () => unknown; readonly keptOn?: 'memory' | 'disk' }
  readonly ttl?: Duration
  readonly grace?: Duration
  readonly onEvent: StatefulOperator['onEvent']
  readonly onTimer?: StatefulOperator['onTimer']
}

/** Steps chain on; after `merge` a step is the same object in every branch, so a joined table is one table. */
class Chain {
  readonly inputs: readonly InputPlan[]
  constructor(inputs: readonly InputPlan[]) {
    this.inputs = inputs
  }

  #then(step: Step): Chain {
    return new Chain(this.inputs.map((input) => ({ ...input, steps: [...input.steps, step] })))
  }

  where(match: Readonly<Record<string, unknown>>): Chain {
    const lists = Object.entries(match).map(([field, value]) => [field, Array.isArray(value) ? value : [value]])
    return this.#then({ kind: 'where', match: Object.fromEntries(lists) })
  }

  filter(fields: readonly string[], test: (row: Row) => boolean): Chain {
    return this.#then({ kind: 'filter', fields, test })
  }

  map(fields: readonly string[], make: (row: Row) => object, options?: MapOptions): Chain {
    const rename = options?.rename === undefined ? {} : { rename: options.rename }
    return this.#then({ kind: 'map', fields, make, keep: options?.keep ?? [], ...rename })
  }

  mask(columns: Readonly<Record<string, string | null>>): Chain {
    return this.#then({ kind: 'mask', columns })
  }

  declassify(fields: readonly string[], reason: string): Chain {
    return this.#then({ kind: 'declassify', fields, reason })
  }

  deduplicate({ by, within }: { readonly by: readonly string[]; readonly within: Duration }): Chain {
    return this.#then({ kind: 'deduplicate', by, withinMs: milliseconds(within) })
  }

  join(joined: Table<unknown>, options: JoinOptions): Chain {
    return this.#then({
      kind: 'join',
      table: joined.plan,
      on: options.on,
      select: options.select,
      join: options.kind,
      otherwise: options.otherwise ?? {},
      maxAgeMs: options.maxAge === undefined ? undefined : milliseconds(options.maxAge),
      asOf: options.asOf,
      graceMs: milliseconds(options.grace ?? '0 milliseconds'),
    })
  }

  joinWithin(right: Chain, options: WithinOptions): Chain {
    const within: WithinPlan = {
      on: options.on,
      beforeMs: signed(options.before),
      afterMs: signed(options.after),
      graceMs: milliseconds(options.grace),
      join: options.kind,
      select: options.select,
      identity: options.identity,
      left: this.inputs,
      right: right.inputs,
    }
    const left = this.#then({ kind: 'within', side: 'left', within })
    return new Chain([...left.inputs, ...right.#then({ kind: 'within', side: 'right', within }).inputs])
  }

  keyBy(...keyBy: readonly string[]) {
    const { inputs } = this
    return {
      window: (window: Window) => ({
        aggregate: (columns: Readonly<Record<string, AggregateColumn>>) => ({
          emit: (emit: EmitMode) => new Rows(inputs, keyBy, { kind: 'window', window, columns, emit }, []),
        }),
      }),
      process: (options: StatefulOptions) => new Rows(inputs, keyBy, statefulOf(options), []),
    }
  }

  to(destination: AnyTopic): Plan {
    return {
      name: '',
      inputs: this.inputs,
      keyBy: undefined,
      operator: undefined,
      finish: [],
      destination,
      version: '',
    }
  }
}

const statefulOf = (options: StatefulOptions): StatefulOperator => ({
  kind: 'stateful',
  name: options.name,
  reads: options.reads,
  initial: options.state.initial,
  ttlMs: options.ttl === undefined ? undefined : milliseconds(options.ttl),
  ...(options.grace === undefined ? {} : { graceMs: milliseconds(options.grace) }),
  ...(options.state.keptOn === 'disk' ? { keptOn: 'disk' as const } : {}),
  onEvent: options.onEvent,
  onTimer: options.onTimer,
})

/** Rows of an operator on their way to the destination. */
class Rows {
  readonly #plan: Omit<Plan, 'destination'>
  constructor(
    inputs: readonly InputPlan[],
    keyBy: readonly string[] | undefined,
    operator: WindowOperator | StatefulOperator | TablesOperator,
    finish: readonly MapStep[],
  ) {
    this.#plan = { name: '', inputs, keyBy, operator, finish, version: '' }
  }

  map(fields: readonly string[], make: (row: Row) => object, options?: { readonly keep: readonly string[] }): Rows {
    const step: MapStep = { kind: 'map', fields, make, keep: options?.keep ?? [] }
    const { inputs, keyBy, operator, finish } = this.#plan
    if (!operator) throw new KappaError('PLAN_INVALID', 'mapping rows of no operator')
    return new Rows(inputs, keyBy, operator, [...finish, step])
  }

  to(destination: AnyTopic): Plan {
    return { ...this.#plan, destination }
  }
}

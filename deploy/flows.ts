import { z } from 'zod'
import { KappaError, reasonOf } from '#engine/errors'
import { cron, type Moments } from '#engine/time'
import * as declared from './declared.ts'

/** One command of a flow, which waits for others. */
export interface DeclaredStep {
  readonly name: string
  readonly doc: string
  /** Names of the steps that have to succeed first. */
  readonly after: readonly string[]
  /** Arguments of `kappa`, with places to be filled in. */
  readonly run: readonly string[]
  /** Further tries of a step that failed. */
  readonly retries: number
  /** Pause before the first further try, milliseconds; doubled before every other, up to `longestBackOffMs`. */
  readonly backOffMs: number
  readonly longestBackOffMs: number
  /** A try that takes longer, milliseconds, is ended and has failed. */
  readonly timeoutMs: number
}

/** Steps that depend on one another, run again and again, each run about one day. */
export interface DeclaredFlow {
  readonly name: string
  readonly doc: string
  /** Undefined: by hand alone. */
  readonly cron: string | undefined
  readonly timeZone: string
  /** Of the cron expression; without one midnight of every day, in the flow's zone. */
  readonly moments: Moments
  /** From the day of a run's moment to the day that it is about: -1 is the day before. */
  readonly dateOffset: number
  readonly catchUp: 'each' | 'last' | 'none'
  /** Of a whole run, milliseconds. */
  readonly timeoutMs: number
  /** Steps of one run at once. */
  readonly parallel: number
  /** False: not by the clock. */
  readonly enabled: boolean
  /** In an order in which they can be run. */
  readonly steps: readonly DeclaredStep[]
}

const step = z.strictObject({
  name: declared.name,
  doc: z.string().default(''),
  after: z.array(declared.name).default([]),
  run: declared.command(declared.FLOW_PLACES, ['schedule', 'flow', 'dev']),
  retries: z.int().min(0).max(20).default(0),
  backOff: declared.duration.default('30 seconds'),
  longestBackOff: declared.duration.default('10 minutes'),
  timeout: declared.duration.default('1 hour'),
})
type Step = z.infer<typeof step>

const isOnce = (all: readonly { readonly name: string }[]): boolean =>
  new Set(all.map(({ name }) => name)).size === all.length

const flow = z.strictObject({
  name: declared.name,
  doc: z.string().default(''),
  cron: declared.text.optional(),
  timeZone: declared.text.optional(),
  dateOffset: z.int().min(-366).max(0).default(-1),
  catchUp: declared.catchUp,
  timeout: declared.duration.default('24 hours'),
  parallel: declared.parallel,
  enabled: z.boolean().default(true),
  steps: z
    .array(step)
    .min(1, 'are none')
    .refine(isOnce, 'name a step twice')
    .superRefine((steps, context) => {
      for (const [index, { name, after }] of steps.entries()) {
        const unknown = after.find((one) => !steps.some((other) => other.name === one))
        if (unknown === undefined) continue
        const known = steps.map((other) => other.name).filter((other) => other !== name)
        context.addIssue({
          code: 'custom',
          path: [index, 'after'],
          message: `names '${unknown}', which is no step of the flow; there are ${known.join(', ')}`,
        })
      }
    })
    .superRefine((steps, context) => {
      const circle = circleIn(steps)
      if (circle === undefined) return
      const index = steps.findIndex(({ name }) => name === circle[0])
      context.addIssue({ code: 'custom', path: [index, 'after'], message: `goes in a circle: ${circle.join(' → ')}` })
    }),
})

const file = z.strictObject({
  timeZone: declared.text.default('UTC'),
  flows: z.array(flow).refine(isOnce, 'name a flow twice: names tell runs apart'),
})

/** Reads the flows. Throws CONFIG_INVALID naming the file, the flow, the step and the field, and what is wrong with it. */
export function readFlows(path: string): readonly DeclaredFlow[] {
  const { timeZone, flows } = declared.readDeclared(path, 'flows', file, 'flows')
  return flows.map(({ timeout, timeZone: own = timeZone, cron: expression, steps, ...rest }) => {
    try {
      return {
        ...{ ...rest, cron: expression, timeZone: own, timeoutMs: declared.millisecondsOf(timeout) },
        moments: cron(expression ?? 'daily', own),
        steps: inOrder(steps).map(({ backOff, longestBackOff, timeout: ownTimeout, ...more }) => ({
          ...more,
          backOffMs: declared.millisecondsOf(backOff),
          longestBackOffMs: declared.millisecondsOf(longestBackOff),
          timeoutMs: declared.millisecondsOf(ownTimeout),
        })),
      }
    } catch (thrown) {
      throw new KappaError('CONFIG_INVALID', `reading the flows ${path}: flow ${rest.name}: cron ${reasonOf(thrown)}`)
    }
  })
}

/** Steps that wait for one another, from one back to itself; undefined where there are none. */
function circleIn(steps: readonly Step[]): readonly string[] | undefined {
  const done = new Set<string>()
  const visit = (name: string, way: readonly string[]): readonly string[] | undefined => {
    if (way.includes(name)) return [...way.slice(way.indexOf(name)), name]
    if (done.has(name)) return undefined
    for (const one of steps.find((other) => other.name === name)?.after ?? []) {
      const found = visit(one, [...way, name])
      if (found !== undefined) return found
    }
    done.add(name)
    return undefined
  }
  for (const { name } of steps) {
    const found = visit(name, [])
    if (found !== undefined) return found
  }
  return undefined
}

/** Every step behind those that it waits for, otherwise as declared. */
function inOrder(steps: readonly Step[]): readonly Step[] {
  const ordered: Step[] = []
  const place = (one: Step): void => {
    if (ordered.includes(one)) return
    for (const name of one.after) {
      const before = steps.find((other) => other.name === name)
      if (before !== undefined) place(before)
    }
    ordered.push(one)
  }
  for (const one of steps) place(one)
  return ordered
}

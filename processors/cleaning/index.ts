import { broadcast, type Plan, processor, type Stream, table } from '#engine'
import { KappaError } from '#engine/errors'
import type { Topic } from '#engine/schema'
import type { Duration } from '#engine/time'
import type { Reference, RuleSet, SourceRules } from '../../schemas/rules.ts'
import { type Known, merging, nothingKnown } from './merge.ts'
import { foundColumn, givenColumns, type Judged, judgedColumns, judging, standardising } from './record.ts'

/** Rows that other topics have had since ever count: an old record is judged, not late. */
const HISTORY = '36500 days'

type Row = Record<string, unknown>

/**
 * The processor of a rule set: every source's records mapped to standard columns, joined with what they refer to, judged, and
 * merged by identity. Each record becomes one record of the clean topic; its table keeps one row an identity. PLAN_INVALID
 * where a source leaves a column open, or the identity does not hold its key.
 */
export function cleaning(rules: RuleSet): Plan {
  for (const source of rules.sources) checkSource(rules, source)
  const { identity, name, to, references } = rules
  const [judge, merged] = [judging(rules), merging(rules)]
  return processor(name, ({ from, merge }) => {
    const [first, ...others] = rules.sources.map((source): Stream<Row> => {
      const { fields, make } = standardising(rules, source)
      const topic = source.topic as Topic<Row>
      return from(topic, { idleAfter: '5 seconds', arrival: 'arrivedAt' }).map(fields, make, {
        keep: [],
        rename: Object.fromEntries(identity.map((column) => [column, source.pass[column] ?? column])),
      })
    })
    if (first === undefined) throw new KappaError('PLAN_INVALID', `building ${name}: it has no source`)
    const joined = references.reduce(
      (stream, reference): Stream<Row> =>
        stream.join(tableOf(reference), {
          on: [reference.by],
          select: { ...reference.take, [foundColumn(reference)]: keyOf(reference) },
          kind: 'left',
        }),
      merge(first, ...others),
    )
    const plan = joined
      .map(judgedColumns(rules), (row) => ({ judged: judge(row) }), { keep: [...identity] })
      .keyBy(...identity)
      .process({
        name: 'identity',
        reads: ['judged'],
        state: { initial: nothingKnown, keptOn: 'disk' },
        ...(rules.remember === undefined ? {} : { ttl: rules.remember as Duration }),
        onEvent({ key }, { judged }, known: Known): Row {
          const row = merged(known, judged as Judged)
          for (const column of identity) row[column] = key[column]
          return row
        },
      })
      .to(to as Topic<object>)
    return { ...plan, basis: basisOf(rules) }
  })
}

/** A field of the other topic that every row of it has. */
function keyOf({ to, by }: Reference): string {
  const [only, ...more] = to.contract.topic.key
  if (only === undefined || more.length > 0)
    throw new KappaError('PLAN_INVALID', `referring to ${to.name} by ${by}: it is keyed otherwise`)
  return only
}

const tableOf = ({ to, whole }: Reference) => (whole ? broadcast : table)(to as Topic<Row>, { history: HISTORY })

function checkSource(rules: RuleSet, { name, topic, pass, made }: SourceRules): void {
  const refuse = (why: string): never => {
    throw new KappaError('PLAN_INVALID', `building ${rules.name}: ${name} (${topic.name}) ${why}`)
  }
  for (const column of givenColumns(rules))
    if (pass[column] === undefined && made[column] === undefined) refuse(`says nothing of '${column}'`)
  for (const column of rules.identity) if (pass[column] === undefined) refuse(`does not pass '${column}' unchanged`)
  const passed = rules.identity.map((column) => pass[column])
  const open = topic.contract.topic.key.filter((field) => !passed.includes(field))
  if (open.length > 0) refuse(`is keyed by ${open.join(', ')}, which its identity does not have`)
}

/** What is asked of the figures, and no part of any row. */
const BESIDE = new Set(['doc', 'expect', 'counterparts'])

/** The rules as text, functions included: whatever changes rows changes the processor's version. */
const basisOf = (rules: RuleSet): string =>
  JSON.stringify(rules, (name, value: unknown) => {
    if (BESIDE.has(name)) return undefined
    if (typeof value === 'function') return String(value)
    if (value instanceof Object && 'contract' in value && 'encode' in value)
      return String((value as { readonly name?: unknown }).name)
    return value
  })

import { needsRekey } from './check.ts'
import { joinsOf } from './demand.ts'
import { lineageOf } from './lineage.ts'
import type { InputPlan, Plan, Step } from './plan.ts'
import type { Window } from './windows.ts'

/** A plan as people read it. */
export interface PlanDescription {
  readonly text: string
  /** A Mermaid flowchart. */
  readonly mermaid: string
}

const windowText = (window: Window): string => {
  const grace = `grace ${window.graceMs} ms`
  if (window.kind === 'calendar') return `calendar ${window.unit}s in ${window.timeZone}, ${grace}`
  const advance = window.kind === 'hopping' ? `, every ${window.advanceMs} ms` : ''
  return `${window.kind} ${window.sizeMs} ms${advance}, ${grace}`
}

function stepText(step: Step): string {
  switch (step.kind) {
    case 'where':
      return `where ${Object.entries(step.match)
        .map(([field, values]) => `${field} in (${values.map(String).join(', ')})`)
        .join(' and ')}`
    case 'filter':
      return `filter by ${step.fields.join(', ')}`
    case 'map':
      return `map ${step.fields.join(', ')}${step.keep.length > 0 ? `, keep ${step.keep.join(', ')}` : ''}`
    case 'mask':
      return `mask ${Object.entries(step.columns)
        .map(([field, column]) => `${field} → ${column ?? 'dropped'}`)
        .join(', ')}`
    case 'declassify':
      return `declassify ${step.fields.join(', ')}: ${step.reason}`
    case 'join':
      return `${step.join} join ${step.table.topic.name} on ${step.on.join(', ')}`
  }
}

function operatorTexts(plan: Plan): string[] {
  const { operator, keyBy } = plan
  if (!operator || !keyBy) return []
  const key = `key by ${keyBy.join(', ')}${needsRekey(plan) ? ' (re-key: partial aggregates to a second stage)' : ''}`
  if (operator.kind === 'stateful') return [key, `${operator.name}: state by key, reads ${operator.reads.join(', ')}`]
  const columns = Object.entries(operator.columns).map(([name, { kind, field }]) => `${name} = ${kind}(${field ?? ''})`)
  return [key, windowText(operator.window), columns.join(', '), `emit ${operator.emit}`]
}

const inputTexts = (input: InputPlan): string[] => [`from ${input.topic.name}`, ...input.steps.map(stepText)]

/** Text and diagram of a plan, with where each output column comes from. */
export function describe(plan: Plan): PlanDescription {
  const tail = [...operatorTexts(plan), ...plan.finish.map(stepText), `to ${plan.destination.name}`]
  const lineage = [...lineageOf(plan)].map(
    ([column, origins]) =>
      `  ${column} ← ${origins.map(({ topic, field }) => `${topic}.${field}`).join(', ') || 'counting'}`,
  )
  const text = [
    `${plan.name} (version ${plan.version})`,
    ...plan.inputs.map((input) => `  ${inputTexts(input).join('\n    ')}`),
    `  ${tail.join('\n  ')}`,
    'lineage',
    ...lineage,
  ].join('\n')
  return { text, mermaid: mermaidOf(plan, tail) }
}

const quoted = (text: string): string => `"${text.replaceAll('"', '#quot;')}"`

function mermaidOf(plan: Plan, tail: readonly string[]): string {
  const lines = ['flowchart LR']
  plan.inputs.forEach((input, n) => {
    inputTexts(input).forEach((text, at) => {
      lines.push(`  i${n}_${at}[${quoted(text)}]`)
      if (at > 0) lines.push(`  i${n}_${at - 1} --> i${n}_${at}`)
    })
    lines.push(`  i${n}_${input.steps.length} --> t0`)
    for (const join of joinsOf(plan)) {
      const at = input.steps.indexOf(join)
      if (at >= 0) lines.push(`  table_${n}_${at}[(${quoted(join.table.topic.name)})] --> i${n}_${at + 1}`)
    }
  })
  tail.forEach((text, at) => {
    lines.push(`  t${at}[${quoted(text)}]`)
    if (at > 0) lines.push(`  t${at - 1} --> t${at}`)
  })
  return lines.join('\n')
}

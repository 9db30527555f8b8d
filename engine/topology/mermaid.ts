import type { Topology } from './describe.ts'
import type { Plan } from './plan.ts'

const ENTITIES: Readonly<Record<string, string>> = {
  '"': '#quot;',
  '<': '#lt;',
  '>': '#gt;',
  '#': '#35;',
  '\n': '<br/>',
}
const quoted = (text: string): string => `"${text.replaceAll(/["<>#\n]/g, (sign) => ENTITIES[sign] ?? sign)}"`

const STYLES = [
  'classDef topic fill:#e8f1ff,stroke:#3b6fb6,color:#10243f',
  'classDef step fill:#ffffff,stroke:#888888,color:#222222',
  'classDef state fill:#fff4dc,stroke:#c08a1e,color:#3d2c05',
]

/** A topology as a Mermaid flowchart: topics round, steps square, state as drums, a frame around each stage. */
export function mermaidOf(plan: Plan, topology: Topology): string {
  const { inputs, steps, keyBy, rekey, result, topics } = topology
  const lines = ['flowchart LR', ...STYLES.map((style) => `  ${style}`)]
  const streams = inputs.filter(({ role }) => role === 'stream')
  const tables = inputs.filter(({ role }) => role === 'table')
  inputs.forEach(({ topic, role }, n) => {
    lines.push(role === 'table' ? `  in${n}[(${quoted(topic)})]:::topic` : `  in${n}([${quoted(topic)}]):::topic`)
  })
  const [source, second] = topics?.stages ?? []
  const operator = steps.length > 0 ? [`    op[${quoted(steps.join('\n'))}]:::step`] : []

  lines.push(`  subgraph source[${quoted(source?.name ?? 'source')}]`)
  streams.forEach(({ steps: own }, n) => {
    own.forEach((step, at) => {
      lines.push(`    s${n}_${at}[${quoted(step)}]:::step`)
    })
  })
  if (rekey) lines.push(`    partial[${quoted(`partial aggregates by ${keyBy.join(' + ')}`)}]:::step`)
  else lines.push(...operator)
  lines.push('  end')
  if (rekey) lines.push(`  subgraph second[${quoted(second?.name ?? 'second stage')}]`, ...operator, '  end')

  const head = rekey ? 'partial' : steps.length > 0 ? 'op' : 'out'
  lines.push(`  out([${quoted(result.topic)}]):::topic`)
  streams.forEach(({ steps: own }, n) => {
    const path = [`in${n}`, ...own.map((_, at) => `s${n}_${at}`), head]
    lines.push(`  ${path.join(' --> ')}`)
  })
  for (const [n, table] of tables.entries()) {
    const at = plan.inputs.flatMap((input, of) =>
      input.steps.flatMap((step, index) =>
        step.kind === 'join' && step.table.topic.name === table.topic ? [`s${of}_${index}`] : [],
      ),
    )
    for (const join of at) lines.push(`  in${streams.length + n} -.-> ${join}`)
  }
  if (rekey) lines.push(`  partial -->|${quoted(source?.writes[0] ?? 're-key')}| op`)
  if (steps.length > 0) lines.push('  op --> out')
  if (topics !== null) lines.push(...ownTopics(topics, rekey, steps.length > 0))
  return lines.join('\n')
}

function ownTopics(topics: NonNullable<Topology['topics']>, rekey: boolean, hasOperator: boolean): string[] {
  const lines = [
    `  late([${quoted(topics.late)}]):::topic`,
    `  dead([${quoted(topics.deadLetter)}]):::topic`,
    '  source -.-> late',
    '  source -.-> dead',
  ]
  topics.stages.forEach(({ changelog }, n) => {
    lines.push(`  log${n}[(${quoted(changelog)})]:::state`)
    lines.push(`  ${n === 0 ? (rekey ? 'partial' : hasOperator ? 'op' : 'source') : 'op'} <-.-> log${n}`)
  })
  return lines
}

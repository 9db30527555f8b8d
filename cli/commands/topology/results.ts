import { type AnyTopic, tableOf } from '#engine/schema'
import { linkTo, tableRow } from '../../catalogue.ts'
import type { Processor } from '../../processors.ts'
import type { Trained } from '../train/trained.ts'
import { describedProcessor } from './describe.ts'

/** By output column, what it is made of. */
type Origins = ReadonlyMap<string, string>

const NOT_SAID: Origins = new Map()

/** What the catalogue says of every table that a processor or a training keeps: where it is, from what, column by column; in markdown. */
export function resultsPart(processors: readonly Processor[], trained: readonly Trained[]): string {
  return [
    '## Results',
    'Tables that processors keep as events arrive, and that trainings publish. Each is a topic of Avro events, a table of ClickHouse ' +
      '(`…_latest` has the latest row of an identity) and Parquet in S3, whose rows are compared by `kappa verify`. `kappa complete` says up to when ' +
      'one is final, `kappa explain` what made a row of it. Where a column comes from is what the compiler has checked (`kappa topology`).',
    ...processors.flatMap(ofProcessor),
    ...trained.flatMap(ofTraining),
  ].join('\n\n')
}

function ofProcessor(processor: Processor): readonly string[] {
  const { plan, corrections } = processor
  const { inputs, lineage } = describedProcessor(processor).topology
  const several = inputs.length > 1
  const origins = new Map(
    lineage.map(({ column, from, by }) => [
      column,
      [...from.map(({ topic, field }) => `\`${several ? `${topic}.` : ''}${field}\``), ...by].join(', '),
    ]),
  )
  const again = `\`kappa run processor ${plan.name}\` keeps it, \`kappa replay run ${plan.name}\` computes it again`
  const late = corrections ? [`late events: \`kappa settle ${plan.name}\` posts on ${linkTo(corrections.name)}`] : []
  const from = `from ${inputs.map(({ topic }) => linkTo(topic)).join(', ')}`
  return [
    entry(plan.destination, [from, again, ...late], origins),
    ...(corrections ? [entry(corrections, [`by \`kappa settle ${plan.name}\``])] : []),
  ]
}

const ofTraining = ({ name, from, to }: Trained): readonly string[] =>
  to.map((topic) =>
    entry(topic, [`from ${linkTo(from.name)}`, `\`kappa train ${name}\` publishes it, again and the same`]),
  )

function entry(topic: AnyTopic, how: readonly string[], origins: Origins = NOT_SAID): string {
  const { database, name, upserts, fields } = tableOf(topic)
  const { contract } = topic
  const { id, owner, retention } = contract.topic
  const [common, ...others] = new Set(origins.values())
  const alike = common !== undefined && others.length === 0
  const said = others.length > 0
  const place = `${linkTo(topic.name)} · ClickHouse \`${database}.${name}${upserts ? '_latest' : ''}\` · S3 \`silver/${topic.name}/\``
  const about = `one row per ${id.join(', ')} · owner ${owner} · kept ${retention}`
  const personal = new Set(contract.fields.flatMap((field) => (field.pii ? [field.name] : [])))
  const head = ['column', 'type', 'what it is', ...(said ? ['made from'] : [])]
  const rows = fields.map((field) => [
    `\`${field.name}\`${personal.has(field.name) ? ' (personal)' : ''}`,
    `\`${field.type}\``,
    field.comment,
    ...(said ? [origins.get(field.name) ?? ''] : []),
  ])
  return [
    `### ${topic.name}`,
    contract.doc,
    `${place} · ${about}`,
    [...how, ...(alike ? [`every column made from ${common}`] : [])].join(' · '),
    [head, head.map(() => '---'), ...rows].map(tableRow).join('\n'),
  ].join('\n\n')
}

import type { ColumnFacts, Topology } from './describe.ts'

/** Widest line of a step, and of a list of fields. */
const LINE = 100
const LIST = 64

/** A topology for a terminal: headings in the first column, everything else indented. */
export function textOf(topology: Topology): string {
  const { processor, version, inputs, steps, state, result } = topology
  const identity = result.identity.length > 0 ? `one row per ${result.identity.join(' + ')}` : 'every record is a row'
  const sections = [
    [`${processor}  (version ${version})`],
    [
      'Reads',
      ...inputs.flatMap(({ topic, options, steps: own }) => [
        `  ${topic}`,
        ...[options, ...own].map((line) => `    ${line}`),
      ]),
    ],
    ...(steps.length > 0 ? [['Computes', ...steps.map((step) => `  ${step}`)]] : []),
    ['Keeps', ...(state.length > 0 ? state : ['nothing between events']).map((line) => `  ${line}`)],
    ['Writes', `  ${result.topic}`, `    keyed by ${result.key.join(' + ') || 'nothing'}, ${identity}`],
    ...stageSections(topology),
    ['Lineage', ...lineageLines(topology.lineage)],
  ]
  return sections.map((lines) => lines.flatMap(folded).join('\n')).join('\n\n')
}

/** A long line of words goes on below, two further in; columns (two spaces and more) are left alone. */
function folded(line: string): string[] {
  const [, indent = '', words = ''] = /^( *)(.*)$/.exec(line) ?? []
  if (line.length <= LINE || / {2}/.test(words)) return [line]
  const lines: string[] = []
  let rest = `${indent}${words}`
  while (rest.length > LINE && rest.lastIndexOf(' ', LINE) > indent.length + 2) {
    const at = rest.lastIndexOf(' ', LINE)
    lines.push(rest.slice(0, at))
    rest = `${indent}  ${rest.slice(at + 1)}`
  }
  return [...lines, rest]
}

function stageSections({ topics }: Topology): string[][] {
  if (topics === null) return []
  const stages = topics.stages.flatMap(({ name, reads, writes, changelog }) => [
    `  ${name}`,
    ...rows([
      ['reads', reads],
      ['writes', writes],
      ['changelog', [changelog]],
    ]),
  ])
  const width = topics.deadLetter.length + 2
  const beside = rows([
    ['time', [`${topics.time.padEnd(width)}slices and advances, which a replay applies again`]],
    ['late', [`${topics.late.padEnd(width)}events of closed windows, or too far ahead`]],
    ['dead-letter', [`${topics.deadLetter.padEnd(width)}records that cannot be taken, as they came`]],
  ])
  const of = `generation ${topics.generation}`
  const whose = topics.inForce ? `${of}, which is in force` : `${of}; which one is in force, Kafka did not say`
  return [[`Stages  (topics of ${whose})`, ...stages, '  beside them', ...beside]]
}

const rows = (named: readonly (readonly [string, readonly string[]])[]): string[] =>
  named.flatMap(([name, lines]) => lines.map((line, n) => `    ${(n === 0 ? name : '').padEnd(13)}${line}`))

/** Columns that are made alike stand together: their names, the fields they come from, and by what they are made. */
function lineageLines(columns: readonly ColumnFacts[]): string[] {
  const groups = new Map<string, { readonly names: string[]; readonly from: string[]; readonly by: string[] }>()
  for (const column of columns) {
    const from = originLines(column)
    const by = byLines(column)
    const alike = from.length > 1 || by.length > 1 ? JSON.stringify([from, by]) : column.column
    const group = groups.get(alike) ?? { names: [], from, by }
    groups.set(alike, group)
    group.names.push(column.pii === null ? column.column : `${column.column} [PII]`)
  }
  const all = [...groups.values()]
  const widest = (lines: readonly string[]): number => Math.max(0, ...lines.map(({ length }) => length))
  const [name, from] = [widest(all.flatMap(({ names }) => names)), widest(all.flatMap((group) => group.from))]
  return all.flatMap((group) =>
    Array.from({ length: Math.max(group.names.length, group.from.length, group.by.length) }, (_, n) => {
      const arrow = n === 0 ? '←' : ' '
      const cells = [
        (group.names[n] ?? '').padEnd(name),
        arrow,
        (group.from[n] ?? '').padEnd(from + 1),
        group.by[n] ?? '',
      ]
      return `  ${cells.join(' ')}`.trimEnd()
    }),
  )
}

/** One line a topic where a field comes from several: `topic.field`, or `topic: field, field`. */
function originLines({ from, by }: ColumnFacts): string[] {
  const [only] = from
  if (only === undefined) return [by.includes('count') ? 'every event' : 'no field']
  if (from.length === 1) return [`${only.topic}.${only.field}`]
  const topics = [...new Set(from.map(({ topic }) => topic))]
  return topics.flatMap((topic) => {
    const fields = from.filter((origin) => origin.topic === topic).map(({ field }) => field)
    return fields.length === 1 ? [`${topic}.${fields[0]}`] : wrapped(`${topic}:`, fields)
  })
}

function wrapped(head: string, words: readonly string[]): string[] {
  const lines: string[] = []
  let line = head
  for (const [n, word] of words.entries()) {
    const text = `${word}${n < words.length - 1 ? ',' : ''}`
    if (line.length + text.length + 1 > LIST) {
      lines.push(line)
      line = '  '
    }
    line = `${line} ${text}`
  }
  return [...lines, line]
}

function byLines({ by, from }: ColumnFacts): string[] {
  const reasons = new Set(from.flatMap(({ declassified }) => (declassified === undefined ? [] : [declassified])))
  return [by.join(', then '), ...[...reasons].map((reason) => `declassified: ${reason}`)].filter((line) => line !== '')
}

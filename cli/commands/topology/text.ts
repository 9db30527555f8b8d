import { stdout } from 'node:process'
import type { Topology } from '#engine/topology'
import { table } from '../stack/table.ts'

type Described = Topology & { readonly doc: string }

const BOLD = ['\u001b[1m', '\u001b[22m'] as const

/** Bold where a terminal shows it. */
const strong = (text: string): string =>
  stdout.isTTY === true && stdout.hasColors() ? `${BOLD[0]}${text}${BOLD[1]}` : text

/** The engine's text under the processor's one line of documentation, with its headings (what begins a line) strong. */
export function processorText(doc: string, text: string): string {
  const [name = '', ...rest] = text.split('\n')
  const lines = rest.map((line) => (/^\S/.test(line) ? strong(line) : line))
  return [strong(name), doc, ...lines].join('\n')
}

/** Every processor in one line each; further inputs below the first. */
export function overview(all: readonly Described[]): string {
  const rows = all.flatMap(({ processor, inputs, operator, result }) =>
    inputs.map(({ topic, role }, n) => [
      n === 0 ? processor : '',
      role === 'table' ? `${topic} (table)` : topic,
      n === 0 ? operatorText(operator) : '',
      n === 0 ? result.topic : '',
    ]),
  )
  const [head = '', ...lines] = table(['processor', 'reads', 'operator', 'writes'], rows).split('\n')
  return [strong(head), ...lines, '', 'One of them in full: kappa topology <processor>'].join('\n')
}

function operatorText(operator: Topology['operator']): string {
  if (operator.kind === 'none') return 'each event by itself'
  if (operator.kind === 'tables') return `${operator.join} join of tables`
  if (operator.kind === 'stateful') return `state '${operator.name}'`
  return operator.window.split(',')[0] ?? operator.window
}

/** All processors and the topics between them as one Mermaid flowchart. */
export function diagramOf(all: readonly Described[]): string {
  const topics = [...new Set(all.flatMap(({ inputs, result }) => [...inputs.map(({ topic }) => topic), result.topic]))]
  const node = (topic: string): string => `t${topics.indexOf(topic)}`
  return [
    'flowchart LR',
    ...topics.map((topic) => `  ${node(topic)}(["${topic}"])`),
    ...all.map(({ processor }, n) => `  p${n}["${processor}"]`),
    ...all.flatMap(({ inputs, result }, n) => [
      ...inputs.map(({ topic, role }) => `  ${node(topic)} ${role === 'table' ? '-.->' : '-->'} p${n}`),
      `  p${n} --> ${node(result.topic)}`,
    ]),
  ].join('\n')
}

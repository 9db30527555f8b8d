import { type Command, Option } from 'commander'
import { registerDocs } from '../../catalogue.ts'
import { processorNamed } from '../../deployments.ts'
import { type Processor, processors } from '../../processors.ts'
import { trained } from '../train/trained.ts'
import { describedProcessor } from './describe.ts'
import { generationsInForce, type ShownGeneration } from './generations.ts'
import { resultsPart } from './results.ts'
import { diagramOf, overview, processorText } from './text.ts'

type Format = 'text' | 'mermaid' | 'json'

interface TopologyFlags {
  readonly format: Format
}

const help = `
A plan is data: what it reads, computes and writes, its stages with the topics they own, and for every output column the
fields it is made from, by what, and whether it is personal. Nothing has to run for it: where Kafka answers, topics are
those of the generation in force, else those of generation 1.

Examples:
  kappa topology                                            all processors: inputs, operator, result
  kappa topology revenue-per-minute                         one of them, step by step
  kappa topology cart-outcomes --format mermaid > cart.mmd  a diagram, as GitHub renders it
  kappa topology masked-purchases --format json | jq '.lineage[] | select(.pii)'`

/** `kappa topology [PROCESSOR]` */
export function register(program: Command): void {
  const topology = program
    .command('topology')
    .description('show what a processor does, its topics and where each output column comes from')
    .argument('[processor]', 'its name (default: all of them)')
    .addOption(new Option('--format <format>', 'how').choices(['text', 'mermaid', 'json']).default('text'))
    .addHelpText('after', help)
    .action(async (name: string | undefined, { format }: TopologyFlags) => {
      const asked = name === undefined ? undefined : processorNamed(name)
      const shown = await generationsInForce()
      console.log(asked === undefined ? all(format, shown) : one(asked, format, shown?.(asked.plan.name)))
    })
  registerDocs(topology, 'results', () => resultsPart(processors, trained))
}

function one(processor: Processor, format: Format, shown?: ShownGeneration): string {
  const { text, mermaid, topology } = describedProcessor(processor, shown)
  if (format === 'mermaid') return mermaid
  if (format === 'json') return JSON.stringify({ doc: processor.doc, ...topology }, null, 2)
  return processorText(processor.doc, text)
}

function all(format: Format, shown?: (processor: string) => ShownGeneration): string {
  const described = processors.map((processor) => ({
    doc: processor.doc,
    ...describedProcessor(processor, shown?.(processor.plan.name)).topology,
  }))
  if (format === 'mermaid') return diagramOf(described)
  return format === 'json' ? JSON.stringify(described, null, 2) : overview(described)
}

import { KappaError } from '#engine/errors'
import type { Contract, ContractField } from '../contract.ts'
import { handleName, partsOf, valueName } from './names.ts'
import { docOf, namedTypesOf, orNull, unitOf } from './value-types.ts'

const HEAD = '// Generated from the contracts by `kappa schemas generate`. Do not edit.\n'

/**
 * One file of types and topic handles per domain, and an index: names without folder → text. The contracts are embedded,
 * so that the handles need no file at run time.
 */
export function typescriptOf(contracts: readonly Contract[]): ReadonlyMap<string, string> {
  refuseDuplicates(contracts)
  const domains = byDomain(contracts)
  const files = new Map([...domains].map(([domain, own]) => [`${domain}.ts`, domainFile(own)] as const))
  return files.set('index.ts', indexFile(domains))
}

function byDomain(contracts: readonly Contract[]): ReadonlyMap<string, readonly Contract[]> {
  const domains = new Map<string, Contract[]>()
  for (const contract of contracts) {
    const { domain } = partsOf(contract.topic.name)
    const own = domains.get(domain) ?? []
    domains.set(domain, [...own, contract])
  }
  return domains
}

function refuseDuplicates(contracts: readonly Contract[]): void {
  for (const nameOf of [handleName, valueName]) {
    const seen = new Map<string, string>()
    for (const contract of contracts) {
      const name = nameOf(contract)
      const other = seen.get(name)
      if (other !== undefined)
        throw new KappaError(
          'SCHEMA_INVALID',
          `generating types: ${other} and ${contract.topic.name} both yield ${name}`,
        )
      seen.set(name, contract.topic.name)
    }
  }
}

function domainFile(contracts: readonly Contract[]): string {
  const types = contracts.map(
    (contract) => `${docOf(contract.doc)}export interface ${valueName(contract)} {
${contract.fields.map(member).join('\n')}
}
`,
  )
  const handles = contracts.map(
    (
      contract,
    ) => `${docOf(`${contract.topic.name}: ${contract.doc}`)}export const ${handleName(contract)}: Topic<${valueName(contract)}> = topic<${valueName(contract)}>(${embedded(contract)})
`,
  )
  const named = namedTypesOf(contracts)
  const values = new Set(contracts.map(valueName))
  const clash = [...named.keys()].find((name) => values.has(name))
  if (clash !== undefined)
    throw new KappaError('SCHEMA_INVALID', `generating types: ${clash} is a topic's value and a type within another`)
  const durations = [...named.values(), ...types].some((text) => text.includes(': AvroDuration'))
  return [
    HEAD,
    `import { ${durations ? 'type AvroDuration, ' : ''}type Topic, topic } from '#engine/schema'\n`,
    ...named.values(),
    ...types,
    ...handles,
  ].join('\n')
}

function member(field: ContractField): string {
  return `${docOf([field.doc, unitOf(field.type), personal(field)].filter(Boolean).join(' '), '  ')}  readonly ${field.name}: ${orNull(field.type, field.nullable)}`
}

const personal = ({ pii }: ContractField): string =>
  pii === undefined ? '' : pii.sealed ? `Personal (${pii.subject}), sealed.` : `Personal (${pii.subject}).`

/** The contract as a literal, one line a field. */
function embedded(contract: Contract): string {
  const { fields, ...rest } = JSON.parse(contract.avro) as { fields: readonly unknown[] } & Record<string, unknown>
  const head = Object.entries(rest).map(([name, value]) => `  ${name}: ${JSON.stringify(value)},`)
  const lines = fields.map((field) => `    ${JSON.stringify(field)},`)
  return ['{', ...head, '  fields: [', ...lines, '  ],', '}'].join('\n')
}

function indexFile(domains: ReadonlyMap<string, readonly Contract[]>): string {
  const names = [...domains].map(([domain, contracts]) => ({ domain, handles: contracts.map(handleName) }))
  const imports = names.map(({ domain, handles }) => `import { ${handles.join(', ')} } from './${domain}.ts'`)
  const exports = names.map(({ domain }) => `export * from './${domain}.ts'`)
  const list = names.flatMap(({ handles }) => handles).map((handle) => `  ${handle},`)
  return `${HEAD}
import type { AnyTopic } from '#engine/schema'
${imports.join('\n')}

${exports.join('\n')}

/** Every topic that has a contract. */
export const topics: readonly AnyTopic[] = [
${list.join('\n')}
]
`
}

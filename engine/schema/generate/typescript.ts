import { KappaError } from '#engine/errors'
import type { Contract, ContractField, FieldType } from '../contract.ts'
import { handleName, partsOf, valueName } from './names.ts'

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
  return [
    HEAD,
    "import { type Topic, topic } from '#engine/schema'\n",
    ...enumsOf(contracts),
    ...types,
    ...handles,
  ].join('\n')
}

function enumsOf(contracts: readonly Contract[]): readonly string[] {
  const found = new Map<string, string>()
  for (const contract of contracts) {
    for (const field of contract.fields) {
      const type = field.type.kind === 'array' ? field.type.items : field.type
      if (type.kind !== 'enum') continue
      const union = type.symbols.map((symbol) => `'${symbol}'`).join(' | ')
      const other = found.get(type.name)
      if (other !== undefined && other !== union)
        throw new KappaError(
          'SCHEMA_INVALID',
          `generating types: the enum ${type.name} of ${contract.topic.name} has other symbols elsewhere`,
        )
      found.set(type.name, union)
    }
  }
  return [...found].map(([name, union]) => `export type ${name} = ${union}\n`)
}

function member(field: ContractField): string {
  return `${docOf([field.doc, unitOf(field.type), personal(field)].filter(Boolean).join(' '), '  ')}  readonly ${field.name}: ${typeOf(field.type)}${field.nullable ? ' | null' : ''}`
}

const personal = ({ pii }: ContractField): string =>
  pii === undefined ? '' : pii.sealed ? `Personal (${pii.subject}), sealed.` : `Personal (${pii.subject}).`

function unitOf(type: FieldType): string {
  switch (type.kind) {
    case 'timestamp':
      return 'Milliseconds since 1970 UTC.'
    case 'date':
      return 'Days since 1970.'
    case 'decimal':
      return `Unscaled: ${type.scale} decimal places.`
    default:
      return ''
  }
}

function typeOf(type: FieldType): string {
  switch (type.kind) {
    case 'string':
    case 'boolean':
      return type.kind
    case 'int':
    case 'long':
    case 'double':
    case 'timestamp':
    case 'date':
      return 'number'
    case 'bytes':
      return 'Buffer'
    case 'decimal':
      return 'bigint'
    case 'enum':
      return type.name
    case 'array':
      return `readonly ${typeOf(type.items)}[]`
  }
}

const docOf = (text: string, indent = ''): string => `${indent}/** ${text.replaceAll('*/', '* /')} */\n`

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

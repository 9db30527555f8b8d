import { createTable } from '../clickhouse.ts'
import type { Contract } from '../contract.ts'
import { topicOf } from '../topic.ts'
import { typescriptOf } from './typescript.ts'

/** Everything made from the contracts, file name → text: TypeScript types and handles, and the ClickHouse tables to read. */
export function generatedFiles(contracts: readonly Contract[]): ReadonlyMap<string, string> {
  return new Map([...typescriptOf(contracts), ['clickhouse.sql', sqlOf(contracts)]])
}

function sqlOf(contracts: readonly Contract[]): string {
  const statements = new Set(contracts.flatMap((contract) => createTable(topicOf(contract))))
  return `-- Generated from the contracts by \`kappa schemas generate\`. Do not edit. The sink runs these statements itself.\n\n${[...statements].map((statement) => `${statement};\n`).join('\n')}`
}

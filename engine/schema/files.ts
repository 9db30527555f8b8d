import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { KappaError, reasonOf } from '#engine/errors'
import type { Contract } from './contract.ts'
import { partsOf } from './generate/names.ts'
import { parseContract } from './parse.ts'

/**
 * Every contract below a folder, `<domain>/<facts>.avsc` (from version 2 on `<facts>.v<n>.avsc`), ordered by file. Throws
 * SCHEMA_INVALID naming the file and the field.
 */
export function readContracts(folder: string): readonly Contract[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.avsc'))
    .sort()
  return files.map((file) => readContract(folder, file))
}

function readContract(folder: string, file: string): Contract {
  const contract = parseContract(jsonOf(join(folder, file), file), file)
  const { domain, facts, version } = partsOf(contract.topic.name)
  const expected = `${domain}/${facts}${version === 1 ? '' : `.v${version}`}.avsc`
  if (file !== expected)
    throw new KappaError(
      'SCHEMA_INVALID',
      `reading the contract ${file}: topic.name ${contract.topic.name} belongs in ${expected}`,
    )
  return contract
}

function jsonOf(path: string, file: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (thrown) {
    throw new KappaError('SCHEMA_INVALID', `reading the contract ${file}: ${reasonOf(thrown)}`)
  }
}

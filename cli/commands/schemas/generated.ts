import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { KappaError } from '#engine/errors'
import { type Contract, generatedFiles } from '#engine/schema'

export type Difference = 'missing' | 'outdated' | 'superfluous'

/** How the generated folder differs from what the contracts yield: file → difference; empty where it is fresh. */
export function differences(folder: string, contracts: readonly Contract[]): ReadonlyMap<string, Difference> {
  const wanted = generatedFiles(contracts)
  const found = new Map<string, Difference>()
  for (const [file, text] of wanted) {
    const path = join(folder, file)
    if (!existsSync(path)) found.set(file, 'missing')
    else if (readFileSync(path, 'utf8') !== text) found.set(file, 'outdated')
  }
  for (const file of existsSync(folder) ? readdirSync(folder) : [])
    if (!wanted.has(file)) found.set(file, 'superfluous')
  return found
}

/** Brings the folder in line with the contracts; what was changed. */
export function bringInLine(folder: string, contracts: readonly Contract[]): ReadonlyMap<string, Difference> {
  const changes = differences(folder, contracts)
  const wanted = generatedFiles(contracts)
  mkdirSync(folder, { recursive: true })
  for (const file of changes.keys()) {
    const text = wanted.get(file)
    if (text === undefined) rmSync(join(folder, file), { recursive: true })
    else writeFileSync(join(folder, file), text)
  }
  return changes
}

/** Refuses (SCHEMA_INVALID) generated files that are not what the contracts yield. */
export function requireFresh(folder: string, contracts: readonly Contract[]): void {
  const stale = [...differences(folder, contracts)].map(([file, difference]) => `${file} (${difference})`)
  if (stale.length > 0)
    throw new KappaError(
      'SCHEMA_INVALID',
      `comparing schemas/generated with the contracts: ${stale.join(', ')}; run kappa schemas generate`,
    )
}

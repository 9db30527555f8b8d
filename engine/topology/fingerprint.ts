import { createHash } from 'node:crypto'
import type { Plan } from './plan.ts'

/**
 * Twelve hexadecimal digits that change whenever the plan does: its steps, options, the contracts it reads and writes,
 * and the text of its functions (not of what those call in other files).
 */
export function versionOf(plan: Plan): string {
  const text = JSON.stringify({ ...plan, version: '' }, (_key, value: unknown) => {
    if (typeof value === 'function') return String(value)
    if (typeof value === 'bigint') return `${value}n`
    if (value instanceof Object && 'contract' in value && 'encode' in value) return value.contract
    return value
  })
  return createHash('sha256').update(text).digest('hex').slice(0, 12)
}

import type { AnyTopic, ContractField } from './contract.ts'

type Check = (value: unknown) => string | undefined

/**
 * Judges a value by the rules in its contract: the reason, naming the field, or undefined where every rule holds. Null
 * breaks no rule. With `fields`, only rules of these are judged: for values decoded by projection.
 */
export function rulesOf({ contract }: AnyTopic, fields?: readonly string[]): (value: object) => string | undefined {
  const checks = contract.fields
    .filter((field) => field.rule !== undefined && (fields === undefined || fields.includes(field.name)))
    .map((field) => ({ name: field.name, check: checkOf(field) }))
  return (value) => {
    for (const { name, check } of checks) {
      const part = (value as Readonly<Record<string, unknown>>)[name]
      const reason = part === null || part === undefined ? undefined : check(part)
      if (reason !== undefined) return `field ${name} ${reason}`
    }
    return undefined
  }
}

/** The bounds of a decimal are in its own units, the value unscaled: 0.5 with scale 2 is 50n. */
function checkOf({ type, rule = {} }: ContractField): Check {
  const scale = type.kind === 'decimal' ? 10 ** type.scale : 1
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY, pattern, notEmpty } = rule
  const [lowest, highest] = [min * scale, max * scale]
  const expression = pattern === undefined ? undefined : new RegExp(pattern, 'u')
  const bounded = rule.min !== undefined || rule.max !== undefined
  return (value) => {
    // BigInt and number compare exactly (ECMA-262, IsLessThan); the value itself, which may be personal, stays out of the reason
    if (bounded && (value as number | bigint) < lowest) return `is below ${min}`
    if (bounded && (value as number | bigint) > highest) return `is above ${max}`
    if (notEmpty && (value as string | Buffer | readonly unknown[]).length === 0) return 'is empty'
    return expression === undefined || expression.test(value as string) ? undefined : `does not match ${pattern}`
  }
}

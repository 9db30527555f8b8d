import { KappaError } from '#engine/errors'
import { checkedAgainst } from './front-matter.ts'
import type { Mart } from './mart.ts'

/**
 * Marts in an order in which each comes after those that it reads; by name where that leaves it open. Throws
 * CONFIG_INVALID naming a reference that leads nowhere, a personal column that comes out as if it were none, or the circle
 * where there is one.
 */
export function inOrder(marts: readonly Mart[]): readonly Mart[] {
  const byName = new Map(marts.map((mart) => [mart.name, mart]))
  for (const mart of marts) expectReferences(mart, byName)
  const ordered: Mart[] = []
  const done = new Set<string>()
  const visit = (mart: Mart, path: readonly string[]): void => {
    if (done.has(mart.name)) return
    if (path.includes(mart.name))
      throw new KappaError(
        'CONFIG_INVALID',
        `ordering marts: ${[...path.slice(path.indexOf(mart.name)), mart.name].join(' reads ')}`,
      )
    for (const name of mart.reads) {
      const read = byName.get(name)
      if (read !== undefined) visit(read, [...path, mart.name])
    }
    done.add(mart.name)
    ordered.push(mart)
  }
  for (const mart of [...marts].sort((a, b) => (a.name < b.name ? -1 : 1))) visit(mart, [])
  return ordered
}

function expectReferences(mart: Mart, byName: ReadonlyMap<string, Mart>): void {
  const doing = `reading ${mart.name}`
  for (const name of [...mart.reads, ...checkedAgainst(mart)])
    if (!byName.has(name)) throw new KappaError('CONFIG_INVALID', `${doing}: there is no mart ${name}`)
  for (const check of mart.checks)
    if (check.kind === 'relationship' && !byName.get(check.mart)?.columns.some(({ name }) => name === check.to))
      throw new KappaError('CONFIG_INVALID', `${doing}: ${check.mart} has no column ${check.to}`)
  if (mart.columns.some(({ pii }) => pii)) return
  for (const read of mart.reads)
    for (const { name, pii } of byName.get(read)?.columns ?? [])
      if (pii && new RegExp(`\\b${name}\\b`).test(mart.sql))
        throw new KappaError(
          'CONFIG_INVALID',
          `${doing}: it reads ${read}.${name}, which is personal, and no column says \`pii: true\``,
        )
}

/**
 * Marts chosen by name, in order: `x`, `x+` (and all that reads it, however far), `+x` (and all that it reads), `+x+`.
 * No choice: all. Throws CONFIG_INVALID naming a choice that is none.
 */
export function selected(ordered: readonly Mart[], choices: readonly string[]): readonly Mart[] {
  if (choices.length === 0) return ordered
  const byName = new Map(ordered.map((mart) => [mart.name, mart]))
  const chosen = new Set<string>()
  for (const choice of choices) {
    const [, up, name = '', down] = /^(\+?)(\w+)(\+?)$/.exec(choice) ?? []
    if (!byName.has(name))
      throw new KappaError('CONFIG_INVALID', `reading --select ${choice}: there is no such mart (kappa marts list)`)
    chosen.add(name)
    if (up === '+') for (const other of reach(name, (of) => byName.get(of)?.reads ?? [])) chosen.add(other)
    const readers = (of: string) => ordered.filter(({ reads }) => reads.includes(of)).map(({ name }) => name)
    if (down === '+') for (const other of reach(name, readers)) chosen.add(other)
  }
  return ordered.filter(({ name }) => chosen.has(name))
}

function reach(from: string, next: (name: string) => readonly string[]): ReadonlySet<string> {
  const seen = new Set<string>()
  const open = [from]
  for (let name = open.pop(); name !== undefined; name = open.pop())
    for (const other of next(name))
      if (!seen.has(other)) {
        seen.add(other)
        open.push(other)
      }
  return seen
}

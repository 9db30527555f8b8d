import type { Command } from 'commander'

interface Room {
  /** Adds its commands to the program. */
  register(program: Command): void
}

/** Where every command of `kappa` is, in the order of its help; each is loaded, with all it works with, when it is wanted. */
const rooms: readonly (readonly [names: readonly string[], load: () => Promise<Room>])[] = [
  [['dev'], () => import('./dev/index.ts')],
  [['up', 'down', 'status', 'doctor', 'purge'], () => import('./stack/index.ts')],
  [['schemas'], () => import('./schemas/index.ts')],
  [['produce'], () => import('./produce/index.ts')],
  [['import'], () => import('./import/index.ts')],
  [['ingest', 'collect'], () => import('./ingest/index.ts')],
  [['sources'], () => import('./sources/index.ts')],
  [['run'], () => import('./run/index.ts')],
  [['topology'], () => import('./topology/index.ts')],
  [['replay'], () => import('./replay/index.ts')],
  [['sink'], () => import('./sink/index.ts')],
  [['tail'], () => import('./tail/index.ts')],
  [['lookup'], () => import('./lookup/index.ts')],
  [['trace'], () => import('./trace/index.ts')],
  [['verify'], () => import('./verify/index.ts')],
  [['quality'], () => import('./quality/index.ts')],
  [['complete', 'wait'], () => import('./complete/index.ts')],
  [['explain'], () => import('./explain/index.ts')],
  [['settle'], () => import('./settle/index.ts')],
  [['schedule'], () => import('./schedule/index.ts')],
  [['train'], () => import('./train/index.ts')],
  [['marts'], () => import('./marts/index.ts')],
  [['flow'], () => import('./flow/index.ts')],
  [['api'], () => import('./api/index.ts')],
]

/**
 * Registers the commands of these names with those that share their rooms; all of them where one is of no command or none is
 * named, for the help and to tell what may have been meant.
 */
export async function registerCommands(program: Command, wanted: readonly string[] = []): Promise<void> {
  const named = rooms.filter(([names]) => names.some((name) => wanted.includes(name)))
  const known = new Set(named.flatMap(([names]) => names))
  const all = wanted.length === 0 || !wanted.every((name) => known.has(name))
  for (const [, load] of all ? rooms : named) (await load()).register(program)
}

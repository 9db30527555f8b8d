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

/** They run other commands, and refuse those that there are not. */
const KNOW_ALL = ['schedule', 'flow']

/**
 * Registers the command of this name with those that share its room; all of them where there is no such command or none is
 * named, for the help and to tell what may have been meant.
 */
export async function registerCommands(program: Command, name = ''): Promise<void> {
  const named = KNOW_ALL.includes(name) ? [] : rooms.filter(([names]) => names.includes(name))
  for (const [, load] of named.length > 0 ? named : rooms) (await load()).register(program)
}

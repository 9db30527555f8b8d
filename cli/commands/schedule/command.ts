import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { KappaError } from '#engine/errors'
import type { Ended, Execute } from '#engine/schedule'
import { repositoryRoot } from '../../../deploy/config.ts'
import type { FLOW_PLACES } from '../../../deploy/declared.ts'
import type { DeclaredEntry } from '../../../deploy/schedule.ts'
import { registerCommands } from '../index.ts'

const kappa = fileURLToPath(new URL('../../kappa.mjs', import.meta.url))

/** Time for a command to end by itself when its run is stopped. */
const STOP_WITHIN_MS = 15_000
/** How much of what a command says last is kept as the reason of its failure. */
const TAIL = 2_000

/** Runs entries as `kappa` commands. `show` is given what they write. */
export const runsCommands =
  (entries: readonly DeclaredEntry[], show: (text: Buffer) => void = () => {}): Execute =>
  async (entry, { scheduledAt }, signal) => {
    const declared = entries.find(({ name }) => name === entry.name)
    if (declared === undefined) throw new KappaError('CONFIG_INVALID', `running ${entry.name}: no such entry`)
    const args = declared.run.map((arg) => filled(arg, scheduledAt, declared.timeZone))
    return runCommand(args, signal, show)
  }

/**
 * Runs one `kappa` command in a process of its own, in the repository's folder: out of reach of the terminal's Ctrl-C, which is
 * passed on once, when the signal aborts.
 */
export const runCommand = (
  args: readonly string[],
  signal: AbortSignal,
  show: (text: Buffer) => void = () => {},
): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [kappa, ...args], {
      cwd: repositoryRoot,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let tail = ''
    const take = (piece: Buffer): void => {
      tail = `${tail}${piece}`.slice(-TAIL)
      show(piece)
    }
    child.stdout.on('data', take)
    child.stderr.on('data', take)
    let kill: NodeJS.Timeout | undefined
    const stop = (): void => {
      child.kill('SIGINT')
      kill = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS)
    }
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
    const over = (): void => {
      clearTimeout(kill)
      signal.removeEventListener('abort', stop)
    }
    child.once('error', (thrown) => {
      over()
      reject(thrown)
    })
    child.once('close', (code, killedBy) => {
      over()
      const last = tail.trim().split('\n').slice(-3).join(' · ')
      const reason = `${killedBy ?? `exit code ${code}`}${last === '' ? '' : `: ${last}`}`
      resolve(code === 0 ? { exitCode: 0 } : { exitCode: code ?? undefined, reason })
    })
  })

/** A command's argument for a moment; `{{date}}` is the day of the moment and so many days more. */
export function filled(arg: string, moment: number, timeZone: string, dateOffset = 0): string {
  const dayOf = (at: number): string => new Intl.DateTimeFormat('en-CA', { timeZone }).format(at)
  const day = dayOf(moment)
  const values: Readonly<Record<(typeof FLOW_PLACES)[number], string>> = {
    day,
    previousDay: daysLater(day, -1),
    date: daysLater(day, dateOffset),
    month: day.slice(0, 7),
    time: new Date(moment).toISOString(),
  }
  return arg.replaceAll(/\{\{(.*?)\}\}/g, (whole, place: string) => values[place as keyof typeof values] ?? whole)
}

/** By the calendar: a day need not have 24 hours. */
const daysLater = (day: string, days: number): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10)

/** Throws CONFIG_INVALID where an entry runs no command of ours. */
export async function expectCommands(
  entries: readonly { readonly name: string; readonly run: readonly string[] }[],
): Promise<void> {
  const program = new Command('kappa')
  if (entries.length > 0)
    await registerCommands(
      program,
      entries.map(({ run: [command = ''] }) => command),
    )
  for (const { name, run } of entries) {
    let at: Command = program
    for (const word of run) {
      if (at.commands.length === 0) break
      const found = at.commands.find((command) => command.name() === word)
      if (found === undefined) {
        if (actsItself(at) && (word.startsWith('-') || at.registeredArguments.length > 0)) break
        const known = at.commands.map((command) => command.name()).join(', ')
        throw new KappaError('CONFIG_INVALID', `reading entry ${name}: '${word}' is not a command; there are ${known}`)
      }
      at = found
    }
    if (at.commands.length > 0 && !actsItself(at))
      throw new KappaError('CONFIG_INVALID', `reading entry ${name}: '${run.join(' ')}' is not a whole command`)
  }
}

/** Whether a command with others below it does something without them; commander tells it nobody, but has it. */
function actsItself(command: Command): boolean {
  const { _actionHandler, _defaultCommandName } = command as unknown as Readonly<Record<string, unknown>>
  return Boolean(_actionHandler ?? _defaultCommandName)
}

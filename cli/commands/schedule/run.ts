import type { Command } from 'commander'
import { KappaError } from '#engine/errors'
import { claimNow, type RunEnd, runClaimed, runScheduler, type ScheduleEvent } from '#engine/schedule'
import { systemClock } from '#engine/time'
import { openLog } from '../../log.ts'
import { runsEntries } from '../flow/execute.ts'
import { stopSignal } from '../produce/stop.ts'
import { table } from '../stack/table.ts'
import { entryNamed, type Session, withHistory } from './session.ts'

interface RunFlags {
  readonly once?: boolean
  readonly json?: boolean
}

/** `kappa schedule run` */
export function registerRun(schedule: Command): void {
  schedule
    .command('run')
    .description('run entries as their times come, until Ctrl-C')
    .option('--once', 'run what is due now, and what was missed, then end; with 1 where something failed')
    .option('--json', 'with --once: for programs')
    .action((flags: RunFlags) => withHistory((session) => run(session, flags)))
}

/** `kappa schedule now` */
export function registerNow(schedule: Command): void {
  schedule
    .command('now')
    .description("run one entry at once, whatever the clock says; ends with its command's exit code")
    .argument('<name>')
    .option('--json', "print how it ended as JSON, instead of the command's own words")
    .action((name: string, { json }: RunFlags) => withHistory((session) => now(session, name, json === true)))
}

async function run(session: Session, { once, json }: RunFlags): Promise<void> {
  const { schedule, entries, history } = session
  const { parallel } = schedule
  const log = openLog('schedule')
  const stop = stopSignal()
  const quiet = once === true
  try {
    await history.ensure()
    const ends = await runScheduler({
      ...{ history, parallel, clock: systemClock, signal: stop.signal, execute: runsEntries(session) },
      entries: entries.filter(({ enabled }) => enabled),
      once: once === true,
      onStart: ({ entry, scheduledAt, trigger, passedOver }: ScheduleEvent) => {
        if (!quiet) log.info({ entry, scheduledAt, trigger, passedOver }, `${entry} started`)
      },
      onEnd: (end) => {
        const { entry, outcome, seconds, reason } = end
        if (quiet) return
        if (outcome === 'failed') log.error(end, `${entry} failed: ${reason}`)
        else log.info(end, `${entry} ${outcome} after ${seconds.toFixed(1)} s`)
      },
      onTrouble: (reason) => log.warn(reason),
    })
    if (once !== true) return
    console.log(json === true ? JSON.stringify(ends, null, 2) : endsText(ends))
    const failed = ends.filter(({ outcome }) => outcome === 'failed').map(({ entry }) => entry)
    if (failed.length > 0) throw new KappaError('STATE_MISMATCH', `running what is due: ${failed.join(', ')} failed`)
    if (stop.signal.aborted) throw new KappaError('INTERRUPTED', 'running what is due: the rest is taken up again')
  } finally {
    stop.release()
  }
}

async function now(session: Session, name: string, json: boolean): Promise<void> {
  const { entries, history } = session
  const entry = entryNamed(name, entries)
  const stop = stopSignal()
  try {
    await history.ensure()
    const started = await claimNow(history, entry)
    const execute = runsEntries(session, json ? undefined : (text) => process.stdout.write(text))
    const end = await runClaimed({ history, clock: systemClock, execute }, entry, started, stop.signal)
    if (json) console.log(JSON.stringify(end, null, 2))
    if (end.outcome === 'interrupted') throw new KappaError('INTERRUPTED', `running ${name}`)
    process.exitCode = end.outcome === 'succeeded' ? 0 : (end.exitCode ?? 1)
  } finally {
    stop.release()
  }
}

function endsText(ends: readonly RunEnd[]): string {
  if (ends.length === 0) return 'Nothing was due.'
  return table(
    ['entry', 'scheduled at', 'outcome', 'took', ''],
    ends.map(({ entry, scheduledAt, outcome, seconds, reason }) => [
      entry,
      new Date(scheduledAt).toISOString(),
      outcome,
      `${seconds.toFixed(1)} s`,
      (reason ?? '').replaceAll('\n', ' '),
    ]),
  )
}

import { KappaError } from '#engine/errors'
import { ScheduleHistory } from '#engine/schedule'
import { systemClock } from '#engine/time'
import { flowsFile, scheduleFile } from '../../../deploy/config.ts'
import { type DeclaredFlow, readFlows } from '../../../deploy/flows.ts'
import { type DeclaredEntry, readSchedule, type Schedule } from '../../../deploy/schedule.ts'
import { openPlatform } from '../../platform.ts'
import { entryOf } from '../flow/execute.ts'
import { FlowLog } from '../flow/log.ts'
import { expectCommands } from './command.ts'
import { thisRunner } from './runner.ts'

export interface Session {
  readonly schedule: Schedule
  readonly flows: readonly DeclaredFlow[]
  /** Those of the schedule, and the flows. */
  readonly entries: readonly DeclaredEntry[]
  readonly history: ScheduleHistory
  readonly log: FlowLog
}

/** Reads the schedule and the flows, opens their history, and closes it behind the work. */
export async function withHistory<T>(work: (session: Session) => Promise<T>): Promise<T> {
  const schedule = readSchedule(scheduleFile())
  const flows = readFlows(flowsFile())
  await expectCommands([
    ...schedule.entries,
    ...flows.flatMap(({ name, steps }) =>
      steps.map((step) => ({ name: `${name}, step ${step.name}: run`, run: step.run })),
    ),
  ])
  const platform = openPlatform()
  const { broker, app } = platform
  const history = new ScheduleHistory({ broker, app, clock: systemClock, runners: thisRunner() })
  const log = new FlowLog(platform)
  try {
    return await work({ schedule, flows, entries: [...schedule.entries, ...flows.map(entryOf)], history, log })
  } finally {
    await log.close()
    await history.close()
    await platform.close()
  }
}

/** Throws CONFIG_INVALID telling those there are. */
export function entryNamed(name: string, entries: readonly DeclaredEntry[]): DeclaredEntry {
  const found = entries.find((entry) => entry.name === name)
  if (found !== undefined) return found
  const known = entries.map((entry) => entry.name).join(', ')
  throw new KappaError('CONFIG_INVALID', `looking for the entry '${name}': there are ${known}`)
}

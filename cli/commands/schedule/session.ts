import type { Command } from 'commander'
import { KappaError } from '#engine/errors'
import { ScheduleHistory } from '#engine/schedule'
import { systemClock } from '#engine/time'
import { scheduleFile } from '../../../deploy/config.ts'
import { type DeclaredEntry, readSchedule, type Schedule } from '../../../deploy/schedule.ts'
import { openPlatform } from '../../platform.ts'
import { expectCommands } from './command.ts'

export interface Session {
  readonly schedule: Schedule
  readonly history: ScheduleHistory
}

/** Reads the schedule, opens its history, and closes it behind the work. */
export async function withHistory<T>(program: Command, work: (session: Session) => Promise<T>): Promise<T> {
  const schedule = readSchedule(scheduleFile())
  expectCommands(program, schedule.entries)
  const platform = openPlatform()
  const history = new ScheduleHistory({ broker: platform.broker, app: platform.app, clock: systemClock })
  try {
    return await work({ schedule, history })
  } finally {
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

import type { Command } from 'commander'
import { registerNow, registerRun } from './run.ts'
import { registerHistory, registerList } from './show.ts'

const help = `
Runs producers, imports, checks and upkeep when their time comes, as deploy/schedule.yml says (another file:
KAPPA_SCHEDULE). Every run is an event on kappa.schedules.v1; a failure, and that it is over, also on kappa.alerts.v1.
Any number of schedulers may run: each moment is run once, and no entry beside itself. A moment that was missed comes
after, as the entry says; a run that was interrupted or killed is taken up again, up to three times.

Examples:
  kappa schedule list
  kappa schedule run                   until Ctrl-C; kappa dev does it
  kappa schedule run --once            what is due and what was missed, then it ends: for another scheduler's hands
  kappa schedule now verify
  kappa schedule history verify --failed --json
  kappa schedule list --check || page-somebody`

/** `kappa schedule …` */
export function register(program: Command): void {
  const schedule = program
    .command('schedule')
    .description('run producers, checks and upkeep on time: hourly, daily, monthly, any cron expression')
    .addHelpText('after', help)
  for (const command of [registerList, registerRun, registerHistory, registerNow]) command(schedule)
}

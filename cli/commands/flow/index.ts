import type { Command } from 'commander'
import { registerPause } from './pause.ts'
import { registerBackfill, registerRun } from './run.ts'
import { registerHistory, registerList, registerShow } from './show.ts'

const help = `
A flow is kappa commands that wait for one another (generate, ingest, check, publish), declared in deploy/flows.yml
(another file: KAPPA_FLOWS). Every run is about one day, which its commands are given as {{date}}. A step that fails is tried
again with growing pauses; what waits for it is passed over, and what does not goes on. A run that was stopped or killed goes
on where it was: steps that had succeeded for the day are not run again.

kappa schedule run (part of kappa dev) runs flows by their cron expressions, catches up what was missed, and tells of failures
on kappa.alerts.v1. Every try of every step is an event on operations.flow-runs.v1, and a row in ClickHouse.

Exit codes: 0 done · 1 a step failed · 2 usage · 4 interrupted, to be resumed · 5 it runs already.

Examples:
  kappa flow list
  kappa flow show shop-day
  kappa flow run shop-day                                                  for the latest day
  kappa flow run shop-day --date 2026-01-31 --verbose
  kappa flow run shop-day --date 2026-01-31 --again                        every step, also those that are done
  kappa flow backfill shop-day --from 2026-01-01 --to 2026-01-31
  kappa flow pause shop-day; kappa flow resume shop-day
  kappa flow history shop-day --failed --json`

/** `kappa flow …` */
export function register(program: Command): void {
  const flow = program
    .command('flow')
    .description('run commands that wait for one another, day by day: retries, catch-up, back-fill, history')
    .addHelpText('after', help)
  for (const command of [registerList, registerShow, registerRun, registerBackfill, registerPause, registerHistory])
    command(flow)
  for (const command of flow.commands) command.addHelpText('after', examplesOf(command.name()))
}

/** The lines of the help above that show one of the commands. */
function examplesOf(name: string): string {
  const lines = help.split('\n').filter((line) => new RegExp(`kappa flow ${name}\\b`).test(line))
  return ['', 'Examples:', ...lines].join('\n')
}

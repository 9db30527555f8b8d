import { randomBytes } from 'node:crypto'
import type { Command } from 'commander'
import { KappaError } from '#engine/errors'
import { systemClock } from '#engine/time'
import { type Build, build } from '../../../marts/index.ts'
import { table } from '../stack/table.ts'
import { errorsOf, failuresText, martsOf, type Selection, withSelection, withWarehouse } from './session.ts'

const help = `
Makes the marts anew beside those that are there, tests them, and only where every test holds each takes its place, tables
by an exchange: whoever reads sees the old rows or the new ones. Where a test fails nothing changes, and the exit code is 1.
Two builds at once do not disturb one another; what a killed one left behind a later one removes.

Examples:
  kappa marts build
  kappa marts build --select fact_achats+ --json`

/** `kappa marts build` */
export function registerBuild(marts: Command): void {
  withSelection(marts.command('build').description('make marts anew, test them, publish them'))
    .addHelpText('after', help)
    .action(async (flags: Selection) => {
      const chosen = martsOf(flags)
      const done = await withWarehouse((warehouse) =>
        build({
          warehouse,
          marts: chosen,
          clock: systemClock,
          run: randomBytes(4).toString('hex'),
          onBuilt: ({ mart, rows, seconds }) => {
            if (flags.json !== true) console.error(`${mart}: ${rows} rows, ${seconds.toFixed(1)} s`)
          },
        }),
      )
      console.log(flags.json === true ? JSON.stringify(done, null, 2) : text(done))
      const errors = errorsOf(done.checks)
      if (errors.length > 0)
        throw new KappaError('STATE_MISMATCH', `building marts: ${errors.length} tests failed; nothing was published`)
    })
}

function text({ published, marts, checks }: Build): string {
  const rows = marts.map(({ mart, materialized, rows, seconds }) => [
    mart,
    materialized,
    String(rows),
    `${seconds.toFixed(2)} s`,
  ])
  return [
    table(['mart', 'as', 'rows', 'took'], rows),
    failuresText(checks),
    published ? `${marts.length} marts published` : 'nothing published',
  ].join('\n')
}

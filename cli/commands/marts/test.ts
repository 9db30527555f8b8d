import type { Command } from 'commander'
import { KappaError } from '#engine/errors'
import { systemClock } from '#engine/time'
import { type CheckResult, checkMart } from '../../../marts/index.ts'
import { errorsOf, failuresText, martsOf, type Selection, withSelection, withWarehouse } from './session.ts'

const help = `
Asks of the marts that are published what their files say must be so: keys unique, references met, values among those
allowed, sums that add up, rows fresh. Exit code 1 where a test fails, with the number of rows and the first of them.

Examples:
  kappa marts test
  kappa marts test --select fact_achats --json`

/** `kappa marts test` */
export function registerTest(marts: Command): void {
  withSelection(marts.command('test').description('test the marts that are published'))
    .addHelpText('after', help)
    .action(async (flags: Selection) => {
      const checks = await withWarehouse(async (warehouse) => {
        const results: CheckResult[] = []
        for (const mart of martsOf(flags))
          results.push(...(await checkMart(mart, { warehouse, now: systemClock.now() })))
        return results
      })
      const errors = errorsOf(checks)
      if (flags.json === true) console.log(JSON.stringify({ passed: errors.length === 0, checks }, null, 2))
      else console.log(failuresText(checks))
      if (errors.length > 0) throw new KappaError('STATE_MISMATCH', `testing marts: ${errors.length} tests failed`)
    })
}

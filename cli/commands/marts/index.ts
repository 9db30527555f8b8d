import type { Command } from 'commander'
import { DEFAULT_MARTS_TIME_ZONE } from '../../../deploy/config.ts'
import { martsPart, readMarts } from '../../../marts/index.ts'
import { registerDocs } from '../../catalogue.ts'
import { registerBuild } from './build.ts'
import { registerExport } from './export.ts'
import { registerGraph, registerList } from './show.ts'
import { registerTest } from './test.ts'

const help = `
A mart is a table of the database gold, made by one SQL file below marts/ that also says what it is and what must be so of
it. --select takes names: x, x+ (and what reads it), +x (and what it reads); repeat it for more.

Examples:
  kappa marts list
  kappa marts graph --select +dim_rfm
  kappa marts build
  kappa marts build --select dim_clients+
  kappa marts test --json | jq '.checks[] | select(.failing > 0)'
  kappa marts export
  kappa marts docs`

/** `kappa marts …` */
export function register(program: Command): void {
  const marts = program
    .command('marts')
    .description('tables of gold in SQL: build, test and document them')
    .addHelpText('after', help)
  for (const command of [registerList, registerGraph, registerBuild, registerTest, registerExport]) command(marts)
  // Whatever zone this installation has: the page is committed.
  registerDocs(marts, 'marts', () => martsPart(readMarts(DEFAULT_MARTS_TIME_ZONE)))
}

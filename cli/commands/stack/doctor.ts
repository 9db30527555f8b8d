import type { Command } from 'commander'
import { cacheFolder, dataFolder, givenServices } from '../../../deploy/config.ts'
import { examine, type Finding } from '../../../deploy/local/index.ts'
import { table } from './table.ts'

const help = `
Ends with 1 where something keeps the stack from working.

Examples:
  kappa doctor
  kappa doctor --json`

const marks = { good: 'ok', poor: '!', broken: 'x' } as const

/** `kappa doctor`: what the machine lacks, and what to do about it. */
export function registerDoctor(program: Command): void {
  program
    .command('doctor')
    .description('look at what the local stack needs, and say what to do about what is missing')
    .option('--json', 'the findings, for programs')
    .addHelpText('after', help)
    .action(async (options: { json?: boolean }) => {
      const findings = await examine({ dataFolder: dataFolder(), cacheFolder: cacheFolder() }, givenServices())
      console.log(options.json === true ? JSON.stringify(findings, null, 2) : findingsText(findings))
      if (findings.some(({ state }) => state === 'broken')) process.exitCode = 1
    })
}

export function findingsText(findings: readonly Finding[]): string {
  const rows = findings.map(({ what, state, detail, advice }) => [
    marks[state],
    what,
    advice === undefined ? detail : `${detail} → ${advice}`,
  ])
  return table(['', 'looked at', 'found'], rows)
}

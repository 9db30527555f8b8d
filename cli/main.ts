import { Command, CommanderError } from 'commander'
import { KappaError } from '#engine/errors'
import { outliveClosedPipes } from './closed-pipe.ts'
import { registerCommands } from './commands/index.ts'
import { exitCodeOf } from './exit.ts'

/** Runs one command line and ends the process with its exit code (`cli/exit.ts`). */
export async function main(argv: readonly string[]): Promise<void> {
  outliveClosedPipes()
  const program = new Command('kappa')
    .description(
      'A stream-first event platform: Avro events on Kafka, stateful TypeScript processors, exactly-once sinks, replay.',
    )
    .version('0.1.0')
    .exitOverride()
    .configureHelp({ sortSubcommands: false })
    .showHelpAfterError('(add --help for what is possible)')
  await registerCommands(program, argv.slice(2, 3))
  try {
    await program.parseAsync([...argv])
  } catch (thrown) {
    if (thrown instanceof CommanderError) process.exit(thrown.exitCode === 0 ? 0 : 2)
    const retriable = thrown instanceof KappaError && thrown.retriable ? ' (trying again may help)' : ''
    const known = thrown instanceof KappaError
    console.error(known ? `kappa: ${thrown.message}${retriable}` : thrown)
    process.exit(exitCodeOf(thrown))
  }
}

import { type Command, InvalidArgumentError } from 'commander'
import { type Import, imports } from './imports.ts'
import { type ImportFlags, runImport } from './run.ts'

const helpOf = ({ set, notes, examples }: Import): string => `
Every row goes in exactly once: an import that was killed goes on behind its last transaction, and one that is finished
changes nothing. A row that cannot be read goes to <topic>.dead-letter with its file and line. The data set comes through
${set.client ?? 'pip'} on first use and is kept in the cache (KAPPA_CACHE).
${notes === '' ? '' : `${notes}\n`}
Examples:${examples}`

/** `kappa import retail | flights | …`: real history as bounded replays. */
export function register(program: Command): void {
  const all = program.command('import').description('import real history: exactly once, resumable')
  for (const one of imports) {
    const command = all.command(one.name).description(one.doc)
    if (one.inParts)
      command
        .option('--from <date>', 'first day')
        .option('--to <date>', 'last day, included')
        .option('--limit <n>', 'at most so many rows of facts, the earliest', whole)
    command
      .option('--late-ok', 'add these rows behind those of another import of the same topics')
      .option('--json', 'print the summary as JSON')
      .addHelpText('after', helpOf(one))
      .action((flags: ImportFlags) => runImport(one.set, one.sourceOf, flags))
  }
}

function whole(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('It is not a whole number above 0.')
  return Number(text)
}

import { type Command, InvalidArgumentError } from 'commander'
import { flightSource, newYorkFlights } from '../../../producers/aviation/index.ts'
import { completeJourney, retailSource } from '../../../producers/retail/index.ts'
import { type ImportFlags, runImport } from './run.ts'

const notes = `
Every row goes in exactly once: an import that was killed goes on behind its last transaction, and one that is finished
changes nothing. A row that cannot be read goes to <topic>.dead-letter with its file and line. The data set comes through
pip on first use and is kept in the cache (KAPPA_CACHE). Days are New York's; tables always come whole.
`

const retailHelp = `${notes}
Examples:
  kappa import retail                                       the whole year, 1,469,307 purchase lines
  kappa import retail --from 2017-06-01 --to 2017-06-30     June, both days included
  kappa import retail --limit 10000                         the first 10,000 purchase lines`

const flightsHelp = `${notes}
Examples:
  kappa import flights                                      336,776 flights, 26,115 hours of weather
  kappa import flights --from 2013-01-01 --to 2013-01-31    January, both days included`

/** `kappa import retail | flights`: real history as bounded replays. */
export function register(program: Command): void {
  const all = program.command('import').description('import real history: exactly once, resumable')
  importCommand(
    all,
    'retail',
    "a retailer's year: products, households, campaigns, redemptions, purchase lines",
    retailHelp,
  ).action((flags: ImportFlags) => runImport(completeJourney, retailSource, flags))
  importCommand(
    all,
    'flights',
    "New York's departures of 2013, with the weather there, and airports",
    flightsHelp,
  ).action((flags: ImportFlags) => runImport(newYorkFlights, flightSource, flags))
}

const importCommand = (all: Command, name: string, description: string, help: string): Command =>
  all
    .command(name)
    .description(description)
    .option('--from <date>', 'first day')
    .option('--to <date>', 'last day, included')
    .option('--limit <n>', 'at most so many purchase lines or flights, the earliest', whole)
    .option('--late-ok', 'add these rows behind those of another import of the same topics')
    .option('--json', 'print the summary as JSON')
    .addHelpText('after', help)

function whole(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('It is not a whole number above 0.')
  return Number(text)
}

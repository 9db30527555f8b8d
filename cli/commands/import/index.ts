import { type Command, InvalidArgumentError } from 'commander'
import {
  fleetSource,
  flightSource,
  newYorkFlights,
  usFlightSource,
  vegaFlights,
} from '../../../producers/aviation/index.ts'
import { completeJourney, offerSource, promotionSource, retailSource } from '../../../producers/retail/index.ts'
import { type ImportFlags, runImport } from './run.ts'

const promises = (client: string): string => `
Every row goes in exactly once: an import that was killed goes on behind its last transaction, and one that is finished
changes nothing. A row that cannot be read goes to <topic>.dead-letter with its file and line. The data set comes through
${client} on first use and is kept in the cache (KAPPA_CACHE).`

const notes = `${promises('pip')} Days are New York's; tables always come whole.
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

const offersHelp = `${promises('pip')}

Examples:
  kappa import offers                                       116,204 coupons by product, 6,589 mailings of campaigns`

const promotionsHelp = `${notes}
Examples:
  kappa import promotions                                   the whole year, 20,940,529 rows
  kappa import promotions --from 2017-06-05 --to 2017-06-11 the week that begins on June 5
  kappa import promotions --limit 100000                    the first 100,000 rows`

const fleetHelp = `${promises('pip')}

Examples:
  kappa import fleet                                        3,322 planes, 16 airlines`

const usFlightsHelp = `${promises('npm')} Days are those of the clocks at the airports of departure.

Examples:
  kappa import us-flights                                   3,000,000 flights
  kappa import us-flights --from 2001-03-01 --to 2001-03-31 March, both days included`

/** `kappa import retail | offers | promotions | flights | fleet | us-flights`: real history as bounded replays. */
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
  wholeImport(
    all,
    'offers',
    "the retailer's coupons by product, and which households were sent which campaigns",
    offersHelp,
  ).action((flags: ImportFlags) => runImport(completeJourney, offerSource, flags))
  importCommand(
    all,
    'promotions',
    "the retailer's displays and mailers, by product, store and week",
    promotionsHelp,
  ).action((flags: ImportFlags) => runImport(completeJourney, promotionSource, flags))
  wholeImport(all, 'fleet', "planes and airlines of New York's departures", fleetHelp).action((flags: ImportFlags) =>
    runImport(newYorkFlights, fleetSource, flags),
  )
  importCommand(
    all,
    'us-flights',
    'three million flights inside the United States, first half of 2001',
    usFlightsHelp,
  ).action((flags: ImportFlags) => runImport(vegaFlights, usFlightSource, flags))
}

const importCommand = (all: Command, name: string, description: string, help: string): Command =>
  wholeImport(all, name, description, help)
    .option('--from <date>', 'first day')
    .option('--to <date>', 'last day, included')
    .option('--limit <n>', 'at most so many rows of facts, the earliest', whole)

/** A data set of tables, that always comes whole. */
const wholeImport = (all: Command, name: string, description: string, help: string): Command =>
  all
    .command(name)
    .description(description)
    .option('--late-ok', 'add these rows behind those of another import of the same topics')
    .option('--json', 'print the summary as JSON')
    .addHelpText('after', help)

function whole(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('It is not a whole number above 0.')
  return Number(text)
}

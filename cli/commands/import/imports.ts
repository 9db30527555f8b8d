import type { AnyTopic } from '#engine/schema'
import {
  fleetSource,
  fleetTopics,
  flightSource,
  flightTopics,
  newYorkFlights,
  usFlightSource,
  usFlightTopics,
  vegaFlights,
} from '../../../producers/aviation/index.ts'
import type { BoundedSource, Part } from '../../../producers/connectors/bounded.ts'
import type { DataSet, OpenDataSet } from '../../../producers/connectors/dataset.ts'
import {
  completeJourney,
  offerSource,
  offerTopics,
  promotionSource,
  promotionTopics,
  retailSource,
  retailTopics,
} from '../../../producers/retail/index.ts'

/** A data set that `kappa import` knows. */
export interface Import {
  readonly name: string
  readonly doc: string
  readonly set: DataSet
  readonly topics: readonly AnyTopic[]
  /** Whether days of it can be asked for; false: it always comes whole. */
  readonly inParts: boolean
  /** What its days are, and whatever else is worth knowing. */
  readonly notes: string
  readonly examples: string
  sourceOf(data: OpenDataSet, part: Part): Promise<BoundedSource>
}

const NEW_YORK = "Days are New York's; tables always come whole."

export const imports: readonly Import[] = [
  {
    name: 'retail',
    doc: "a retailer's year: products, households, campaigns, redemptions, purchase lines",
    ...{ set: completeJourney, topics: retailTopics, inParts: true, notes: NEW_YORK, sourceOf: retailSource },
    examples: `
  kappa import retail                                       the whole year, 1,469,307 purchase lines
  kappa import retail --from 2017-06-01 --to 2017-06-30     June, both days included
  kappa import retail --limit 10000                         the first 10,000 purchase lines`,
  },
  {
    name: 'offers',
    doc: "the retailer's coupons by product, and which households were sent which campaigns",
    ...{ set: completeJourney, topics: offerTopics, inParts: false, notes: '', sourceOf: offerSource },
    examples: `
  kappa import offers                                       116,204 coupons by product, 6,589 mailings`,
  },
  {
    name: 'promotions',
    doc: "the retailer's displays and mailers, by product, store and week",
    ...{ set: completeJourney, topics: promotionTopics, inParts: true, sourceOf: promotionSource },
    notes: "Weeks are those that begin on the days given, New York's. The whole of it needs a gigabyte of memory.",
    examples: `
  kappa import promotions                                   the whole year, 20,940,529 rows
  kappa import promotions --from 2017-06-05 --to 2017-06-11 the week that begins on June 5
  kappa import promotions --limit 100000                    the first 100,000 rows`,
  },
  {
    name: 'flights',
    doc: "New York's departures of 2013, with the weather there, and airports",
    ...{ set: newYorkFlights, topics: flightTopics, inParts: true, notes: NEW_YORK, sourceOf: flightSource },
    examples: `
  kappa import flights                                      336,776 flights, 26,115 hours of weather
  kappa import flights --from 2013-01-01 --to 2013-01-31    January, both days included`,
  },
  {
    name: 'fleet',
    doc: "planes and airlines of New York's departures",
    ...{ set: newYorkFlights, topics: fleetTopics, inParts: false, notes: '', sourceOf: fleetSource },
    examples: `
  kappa import fleet                                        3,322 planes, 16 airlines`,
  },
  {
    name: 'us-flights',
    doc: 'three million flights inside the United States, first half of 2001',
    ...{ set: vegaFlights, topics: usFlightTopics, inParts: true, sourceOf: usFlightSource },
    notes: 'Days are those of the clocks at the airports of departure.',
    examples: `
  kappa import us-flights                                   3,000,000 flights
  kappa import us-flights --from 2001-03-01 --to 2001-03-31 March, both days included`,
  },
]

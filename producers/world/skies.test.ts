import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HOUR_MS } from './settings.ts'
import { AIRPORTS, weatherAt } from './skies.ts'

const FIRST_HOUR = Date.UTC(2025, 0, 1) / HOUR_MS
const YEAR = Array.from({ length: 365 * 24 }, (_, hour) => FIRST_HOUR + hour)

test('no figure of the weather is minus zero: JSON and CSV have no such number, so files would tell another one', () => {
  for (const airport of AIRPORTS)
    for (const hour of YEAR) {
      const figures = Object.entries(weatherAt(1, airport, hour)).filter(([, value]) => Object.is(value, -0))
      assert.deepEqual(figures, [], `${airport.code}, hour ${hour}`)
    }
})

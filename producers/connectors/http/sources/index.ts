import { KappaError } from '#engine/errors'
import type { HttpSource } from '../contract.ts'
import { currentWeather } from './current-weather.ts'
import { flightStatus } from './flight-status.ts'
import { productCatalogue } from './product-catalogue.ts'

/** Every source that `kappa ingest http` knows. */
export const httpSources: readonly HttpSource[] = [flightStatus, currentWeather, productCatalogue]

/** Throws CONFIG_INVALID naming those there are. */
export function httpSource(name: string): HttpSource {
  const source = httpSources.find((one) => one.name === name)
  if (source) return source
  const names = httpSources.map((one) => one.name).join(', ')
  throw new KappaError('CONFIG_INVALID', `ingesting from '${name}': there is ${names}`)
}

import { z } from 'zod'
import { KappaError } from '#engine/errors'
import { reports, type WeatherCondition, type WeatherReport } from '#schemas'
import { AIRPORTS } from '../../../world/skies.ts'
import type { HttpSource, Place } from '../contract.ts'
import { fitting } from './shape.ts'

const fallen = z.object({ '1h': z.number().optional() }).optional()

/** What is read of an answer, in metric units; the documented one has more. */
const shape = z.object({
  weather: z.array(z.object({ id: z.int() })).min(1),
  main: z.object({ temp: z.number() }),
  wind: z.object({ speed: z.number() }),
  visibility: z.number(),
  rain: fallen,
  snow: fallen,
  dt: z.int().positive(),
})

/**
 * The weather at airports as OpenWeather tells it (`/data/2.5/weather`, documented at openweathermap.org/current): one
 * request an airport, asked for by its place. An observation is there once: it is known by its `dt`.
 */
export const currentWeather: HttpSource = {
  name: 'current-weather',
  doc: 'the weather at airports as OpenWeather answers',
  topics: [reports],
  key: { variable: 'KAPPA_OPENWEATHER_KEY', in: 'query', name: 'appid' },
  baseUrl: 'https://api.openweathermap.org',
  intervalMs: 600_000,
  perMinute: 60,
  targets: ({ baseUrl, places }) =>
    (places.length === 0 ? AIRPORTS : places.map(located)).map(({ code, latitude, longitude }) => ({
      name: code,
      url: `${baseUrl}/data/2.5/weather?lat=${latitude}&lon=${longitude}&units=metric`,
    })),
  read(answer, { target }) {
    const fit = fitting(shape, answer)
    if ('reason' in fit) return { items: [[{ topic: reports, found: answer, reason: fit.reason }]] }
    const { weather, main, wind, visibility, rain, snow, dt } = fit.value
    const value: WeatherReport = {
      airport: target.name,
      temperatureCelsius: main.temp,
      windMetersPerSecond: wind.speed,
      precipitationMillimeters: (rain?.['1h'] ?? 0) + (snow?.['1h'] ?? 0),
      visibilityMeters: Math.round(visibility),
      condition: conditionOf(weather[0]?.id ?? 0),
      observedAt: dt * 1_000,
    }
    return { items: [[{ about: target.name, topic: reports, value, order: value.observedAt }]] }
  },
}

function located(place: Place): { code: string; latitude: number; longitude: number } {
  const { code, latitude, longitude } = place
  if (latitude !== undefined && longitude !== undefined) return { code, latitude, longitude }
  const known = AIRPORTS.find((airport) => airport.code === code)
  if (known) return known
  throw new KappaError(
    'CONFIG_INVALID',
    `asking for the weather at ${code}: where it is is not known here; write ${code}=LATITUDE,LONGITUDE`,
  )
}

/** OpenWeather's condition codes (openweathermap.org/weather-conditions): groups of hundred, and what stands out. */
function conditionOf(id: number): WeatherCondition {
  if (id === 771 || id === 781) return 'STORM'
  if (id === 800) return 'CLEAR'
  switch (Math.floor(id / 100)) {
    case 2:
      return 'STORM'
    case 3:
    case 5:
      return 'RAIN'
    case 6:
      return 'SNOW'
    case 7:
      return 'FOG'
    default:
      return 'CLOUDS'
  }
}

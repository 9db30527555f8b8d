import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

/** What a local server answers; `undefined`: nothing at all, the connection stays open. */
export type Answer =
  | {
      readonly status?: number
      readonly headers?: Readonly<Record<string, string>>
      readonly body?: unknown
      /** Milliseconds between the two halves of the body. */
      readonly slowly?: number
      /** The connection breaks in the middle of the body. */
      readonly cut?: boolean
    }
  | undefined

export interface Asked {
  readonly url: URL
  readonly headers: IncomingMessage['headers']
}

export interface ApiServer {
  readonly url: string
  /** Every request so far. */
  readonly asked: readonly Asked[]
  [Symbol.asyncDispose](): Promise<void>
}

/** An API on a free port of this machine: `answer` is called for each request, `n` counts those of its address, from 1. */
export async function apiServer(answer: (asked: Asked, n: number) => Answer): Promise<ApiServer> {
  const asked: Asked[] = []
  const counts = new Map<string, number>()
  const server = createServer((request, response) => {
    const one: Asked = { url: new URL(request.url ?? '/', 'http://api'), headers: request.headers }
    asked.push(one)
    const address = `${one.url.pathname}${one.url.search}`
    const n = (counts.get(address) ?? 0) + 1
    counts.set(address, n)
    const found = answer(one, n)
    if (found) send(response, found)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const bound = server.address()
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function send(response: ServerResponse, answer: NonNullable<Answer>): void {
  const { status = 200, headers = {}, body, slowly, cut } = answer
  const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body)
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  if (slowly === undefined && cut !== true) {
    response.end(text)
    return
  }
  const half = Math.floor(text.length / 2)
  response.write(text.slice(0, half))
  if (cut === true) setTimeout(() => response.destroy(), 10)
  else setTimeout(() => response.end(text.slice(half)), slowly)
}

/** A flight as AviationStack documents it. */
export const flight = (number: number, change: Record<string, unknown> = {}): Record<string, unknown> => ({
  flight_date: '2026-03-01',
  flight_status: 'scheduled',
  departure: {
    ...{
      airport: 'Charles De Gaulle',
      timezone: 'Europe/Paris',
      iata: 'CDG',
      icao: 'LFPG',
      terminal: '2E',
      gate: 'K41',
    },
    ...{ delay: null, scheduled: '2026-03-01T10:20:00+00:00', estimated: '2026-03-01T10:20:00+00:00', actual: null },
    ...{ estimated_runway: null, actual_runway: null },
  },
  arrival: {
    ...{
      airport: 'John F Kennedy',
      timezone: 'America/New_York',
      iata: 'JFK',
      icao: 'KJFK',
      terminal: '1',
      gate: null,
    },
    ...{ baggage: null, delay: null, scheduled: '2026-03-01T18:40:00+00:00', estimated: null, actual: null },
  },
  airline: { name: 'Air France', iata: 'AF', icao: 'AFR' },
  flight: { number: String(number), iata: `AF${number}`, icao: `AFR${number}`, codeshared: null },
  aircraft: null,
  live: null,
  ...change,
})

export const flightsPage = (data: readonly unknown[], offset = 0, total = data.length) => ({
  pagination: { limit: 100, offset, count: data.length, total },
  data,
})

/** An observation as OpenWeather documents it. */
export const weather = (dt: number, change: Record<string, unknown> = {}): Record<string, unknown> => ({
  coord: { lon: 2.55, lat: 49.01 },
  weather: [{ id: 501, main: 'Rain', description: 'moderate rain', icon: '10d' }],
  base: 'stations',
  main: { temp: 11.4, feels_like: 10.9, temp_min: 10.2, temp_max: 12.1, pressure: 1015, humidity: 81 },
  visibility: 9000,
  wind: { speed: 5.1, deg: 240, gust: 9.3 },
  rain: { '1h': 3.16 },
  clouds: { all: 100 },
  dt,
  sys: { type: 2, id: 2_012_208, country: 'FR', sunrise: dt - 9_000, sunset: dt + 30_000 },
  ...{ timezone: 3_600, id: 6_269_554, name: 'Roissy', cod: 200 },
  ...change,
})

export const product = (number: number, change: Record<string, unknown> = {}): Record<string, unknown> => ({
  ...{ id: `p-${number}`, name: `Lamp ${number}`, category: 'lamps', price: '19.90', cost: 8.1, supplier: 'Lumen' },
  ...{ warehouse: 'Lille', updatedAt: '2026-03-01T08:00:00Z' },
  ...change,
})

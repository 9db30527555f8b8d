import { setTimeout as pause } from 'node:timers/promises'
import type { Broker } from '#engine/broker'
import { type RevenuePerMinute, revenuePerMinute } from '#schemas'
import { MARKED_COUNTRY } from './source.ts'

/** Between the answer of one look and the next. */
const LOOK_MS = 10
/** Rows of a look: more than are published at once. */
const LOOKED_AT = 500
/** Magic byte and schema id before a value. */
const FRAME = 5

/** What a place shows: the first sighting of each mark, and its figure then. */
export class Place {
  readonly seen = new Map<string, number>()
  readonly figures = new Map<string, string>()

  see(code: unknown, figure: unknown, at: number): void {
    const name = String(code)
    if (this.seen.has(name)) return
    this.seen.set(name, at)
    this.figures.set(name, String(figure))
  }
}

/** The results topic, as a read-committed consumer sees it. From its beginning, until `signal` aborts. */
export async function watchTopic(broker: Broker, place: Place, signal: AbortSignal): Promise<void> {
  const partitions = (await broker.admin.topics()).get(revenuePerMinute.name) ?? 0
  const reader = await broker.reader()
  try {
    const whole = Array.from({ length: partitions }, (_, partition) => ({ partition, offset: 0 }))
    await reader.assign(whole.map((at) => ({ topic: revenuePerMinute.name, ...at })))
    while (!signal.aborted) {
      const records = await reader.read(10_000, 20)
      const at = performance.now()
      for (const { value } of records) {
        if (value === null) continue
        const { country, currency, orders, revenue }: RevenuePerMinute = revenuePerMinute.decode(value.subarray(FRAME))
        if (country === MARKED_COUNTRY) place.see(currency, figureOf(orders, Number(revenue) / 100), at)
      }
    }
  } finally {
    await reader.close()
  }
}

/** What an analyst sees, asked again and again; a table that is not there yet has no rows. */
export async function watchTable(
  rows: (query: string) => Promise<readonly (readonly (string | number | null)[])[]>,
  place: Place,
  signal: AbortSignal,
): Promise<void> {
  const query = `SELECT currency, orders, toString(revenue) FROM shop.revenue_per_minute_latest WHERE country = '${MARKED_COUNTRY}' ORDER BY windowStart DESC LIMIT ${LOOKED_AT}`
  let there = false
  while (!signal.aborted) {
    const found = await rows(query).catch((thrown: unknown) => {
      if (there) throw thrown
      return []
    })
    there ||= found.length > 0
    const at = performance.now()
    for (const [code, orders, revenue] of found) place.see(code, figureOf(orders, Number(revenue)), at)
    await pause(LOOK_MS)
  }
}

interface Answer {
  readonly data: readonly { readonly currency: string; readonly orders: number; readonly revenue: string }[]
}

/** The listing of the API, asked again and again; 503 is its answer while there is no table. */
export async function watchAnswers(
  get: (path: string) => Promise<Response>,
  place: Place,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const answer = await get(`/live/revenue-per-minute?country=${MARKED_COUNTRY}&limit=${LOOKED_AT}`)
    const text = await answer.text()
    const at = performance.now()
    if (answer.ok) {
      const { data } = JSON.parse(text) as Answer
      for (const { currency, orders, revenue } of data) place.see(currency, figureOf(orders, Number(revenue)), at)
    } else if (answer.status !== 503) throw new Error(`the API answered ${answer.status}: ${text}`)
    await pause(LOOK_MS)
  }
}

/** Server-sent events of the API, until `signal` aborts. */
export async function watchStream(
  get: (path: string, signal: AbortSignal) => Promise<Response>,
  place: Place,
  signal: AbortSignal,
): Promise<void> {
  const decoder = new TextDecoder()
  let text = ''
  try {
    const { body, status } = await get(`/live?result=revenue-per-minute&country=${MARKED_COUNTRY}`, signal)
    if (body === null || status !== 200) throw new Error(`/live answered ${status}`)
    for await (const piece of body) {
      const at = performance.now()
      text += decoder.decode(piece, { stream: true })
      const blocks = text.split('\n\n')
      text = blocks.pop() ?? ''
      for (const block of blocks) {
        const data = /^data: (.*)$/m.exec(block)?.[1]
        if (data === undefined) continue
        const { currency, orders, revenue } = JSON.parse(data) as Answer['data'][number]
        place.see(currency, figureOf(orders, Number(revenue)), at)
      }
    }
  } catch (thrown) {
    if (!signal.aborted) throw thrown
  }
}

/** `1 order, 4.20`: the same text in every place. */
const figureOf = (orders: unknown, revenue: number): string => `${Number(orders)} order, ${revenue.toFixed(2)}`

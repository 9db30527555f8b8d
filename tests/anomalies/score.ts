import type { CartAbandonmentAnomaly, RevenueAnomaly } from '#schemas'
import { REVENUE_WINDOW } from '../../processors/anomalies/revenue.ts'
import { SHARE_WINDOW, SLOW_WINDOW } from '../../processors/anomalies/share.ts'
import { ABANDONED_AFTER } from '../../processors/cart-outcomes.ts'
import type { Incident } from '../../producers/shop/index.ts'

export type Anomaly = RevenueAnomaly | CartAbandonmentAnomaly

/** The series in which anomalies are looked for, and the length of their windows. */
export const SERIES = { revenue: REVENUE_WINDOW, carts: SHARE_WINDOW, 'carts, slowly': SLOW_WINDOW } as const
export type Series = keyof typeof SERIES

const seriesOf = ({ metric, windowStart, windowEnd }: Anomaly): Series =>
  metric === 'revenue' ? 'revenue' : windowEnd - windowStart >= SLOW_WINDOW ? 'carts, slowly' : 'carts'

/** An anomaly is an incident's while their times overlap; carts of it are decided up to twenty minutes after it. */
const belongs = (anomaly: Anomaly, { start, end }: Incident): boolean =>
  anomaly.windowEnd > start && anomaly.windowStart < end + (anomaly.metric === 'revenue' ? 0 : ABANDONED_AFTER)

export interface Finding {
  readonly series: Series
  /** Windows of this series from the one in which the incident began to the one that told of it, both counted. */
  readonly windows: number
  readonly anomaly: Anomaly
}

export interface Scored {
  readonly incident: Incident
  /** What told of it, by series, the first first. */
  readonly findings: readonly Finding[]
}

export function scored(incidents: readonly Incident[], anomalies: readonly Anomaly[]): readonly Scored[] {
  return incidents.map((incident) => {
    const findings = (Object.keys(SERIES) as Series[]).flatMap((series) => {
      const own = anomalies.filter((anomaly) => seriesOf(anomaly) === series && belongs(anomaly, incident))
      const anomaly = own.sort((a, b) => a.detectedAt - b.detectedAt)[0]
      if (!anomaly) return []
      const size = SERIES[series]
      const windows = Math.ceil((anomaly.detectedAt - Math.floor(incident.start / size) * size) / size)
      return [{ series, windows, anomaly }]
    })
    return { incident, findings: findings.sort((a, b) => a.anomaly.detectedAt - b.anomaly.detectedAt) }
  })
}

/** The first finding within so many windows of its own series. */
export const foundWithin = ({ findings }: Scored, windows: number): Finding | undefined =>
  findings.find((finding) => finding.windows <= windows)

/** Anomalies that belong to no incident. */
export const falseAlarms = (incidents: readonly Incident[], anomalies: readonly Anomaly[]): readonly Anomaly[] =>
  anomalies.filter((anomaly) => !incidents.some((incident) => belongs(anomaly, incident)))

import { broadcast, count, max, mean, processor, sum, tumbling } from '#engine'
import { delayByWeather, delays, reports } from '#schemas'

/** A departure this much behind schedule is late: the rule of the airlines' own statistics (14 CFR 234). Minutes. */
const LATE = 15

/** Departures per airport, hour and weather: what the latest report before the scheduled departure, at most two hours old, told. */
export default processor('delay-by-weather', ({ from }) =>
  from(delays, { idleAfter: '10 seconds' })
    .join(broadcast(reports, { history: '3 days', idleAfter: '10 seconds' }), {
      on: ['origin'],
      select: { reported: 'condition' },
      kind: 'left',
      asOf: 'departsAt',
      maxAge: '2 hours',
    })
    .map(
      ['status', 'delayMinutes', 'cause', 'reported'],
      ({ status, delayMinutes, cause, reported }) => {
        const departed = status === 'DEPARTED'
        return {
          condition: (reported ?? 'UNKNOWN') as string,
          delay: departed ? delayMinutes : null,
          isCancelled: departed ? 0 : 1,
          isLate: departed && delayMinutes >= LATE ? 1 : 0,
          isByWeather: cause === 'WEATHER' ? 1 : 0,
        }
      },
      { keep: ['origin'] },
    )
    .keyBy('origin', 'condition')
    .window(tumbling({ size: '1 hour', grace: '10 minutes' }))
    .aggregate({
      flights: count(),
      cancelled: sum('isCancelled'),
      late: sum('isLate'),
      byWeather: sum('isByWeather'),
      meanDelayMinutes: mean('delay'),
      maxDelayMinutes: max('delay'),
    })
    .emit('on-close')
    .to(delayByWeather),
)

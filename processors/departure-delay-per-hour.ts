import { count, first, max, mean, processor, sum, table, tumbling } from '#engine'
import { departureDelayPerHour, flights, observations } from '#schemas'

/** Departure delays per airport and hour, with the weather observed at the start of that hour; nulls where none was. */
export default processor('departure-delay-per-hour', ({ from }) =>
  from(flights)
    .join(table(observations, { history: '2 days' }), {
      on: ['origin'],
      select: {
        temperatureFahrenheit: 'temperatureFahrenheit',
        windSpeedMilesPerHour: 'windSpeedMilesPerHour',
        precipitationInches: 'precipitationInches',
        visibilityMiles: 'visibilityMiles',
        weatherObservedAt: 'observedAt',
      },
      kind: 'left',
      asOf: 'scheduledHourAt',
      // The observation of exactly that hour: an older one is no match.
      maxAge: '0 minutes',
    })
    .map(
      ['departureDelayMinutes'],
      ({ departureDelayMinutes }) => ({ departures: departureDelayMinutes === null ? 0 : 1 }),
      {
        keep: [
          'origin',
          'departureDelayMinutes',
          'temperatureFahrenheit',
          'windSpeedMilesPerHour',
          'precipitationInches',
          'visibilityMiles',
          'weatherObservedAt',
        ],
      },
    )
    .keyBy('origin')
    .window(tumbling({ size: '1 hour', grace: '1 day' }))
    .aggregate({
      flights: count(),
      departed: sum('departures'),
      meanDelayMinutes: mean('departureDelayMinutes'),
      maxDelayMinutes: max('departureDelayMinutes'),
      temperatureFahrenheit: first('temperatureFahrenheit'),
      windSpeedMilesPerHour: first('windSpeedMilesPerHour'),
      precipitationInches: first('precipitationInches'),
      visibilityMiles: first('visibilityMiles'),
      weatherObservedAt: first('weatherObservedAt'),
    })
    .emit('on-close')
    .to(departureDelayPerHour),
)

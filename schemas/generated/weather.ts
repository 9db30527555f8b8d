// Generated from the contracts by `kappa schemas generate`. Do not edit.

import { type Topic, topic } from '#engine/schema'

export type WeatherCondition = 'CLEAR' | 'CLOUDS' | 'RAIN' | 'SNOW' | 'STORM' | 'FOG'

/** The weather at an airport of New York, observed hourly. */
export interface Observation {
  /** FAA code of the airport. */
  readonly origin: string
  /** Air temperature. */
  readonly temperatureFahrenheit: number | null
  /** Dew point. */
  readonly dewPointFahrenheit: number | null
  /** Relative humidity. */
  readonly humidityPercent: number | null
  /** Where the wind comes from; 0 is calm or north. */
  readonly windDirectionDegrees: number | null
  /** Wind speed. */
  readonly windSpeedMilesPerHour: number | null
  /** Gusts. */
  readonly windGustMilesPerHour: number | null
  /** Rain and snow of the hour. */
  readonly precipitationInches: number | null
  /** Pressure at sea level. */
  readonly pressureMillibars: number | null
  /** Visibility. */
  readonly visibilityMiles: number | null
  /** Start of the hour observed. Milliseconds since 1970 UTC. */
  readonly observedAt: number
}

/** The weather at an airport of the live timetable. */
export interface WeatherReport {
  /** IATA code. */
  readonly airport: string
  /** Air temperature. */
  readonly temperatureCelsius: number
  /** Wind speed. */
  readonly windMetersPerSecond: number
  /** Rain and snow of the hour. */
  readonly precipitationMillimeters: number
  /** Visibility. */
  readonly visibilityMeters: number
  /** In one word. */
  readonly condition: WeatherCondition
  /** When it was observed. Milliseconds since 1970 UTC. */
  readonly observedAt: number
}

/** weather.observations.v1: The weather at an airport of New York, observed hourly. */
export const observations: Topic<Observation> = topic<Observation>({
  type: "record",
  name: "Observation",
  namespace: "weather",
  doc: "The weather at an airport of New York, observed hourly.",
  topic: {"name":"weather.observations.v1","kind":"table","key":"origin","time":"observedAt","id":["origin","observedAt"],"partitions":12,"retention":"forever","owner":"aviation"},
  fields: [
    {"name":"origin","type":"string","doc":"FAA code of the airport.","rule":{"pattern":"^[A-Z0-9]{3,4}$"}},
    {"name":"temperatureFahrenheit","type":["null","double"],"default":null,"doc":"Air temperature."},
    {"name":"dewPointFahrenheit","type":["null","double"],"default":null,"doc":"Dew point."},
    {"name":"humidityPercent","type":["null","double"],"default":null,"doc":"Relative humidity."},
    {"name":"windDirectionDegrees","type":["null","int"],"default":null,"doc":"Where the wind comes from; 0 is calm or north."},
    {"name":"windSpeedMilesPerHour","type":["null","double"],"default":null,"doc":"Wind speed."},
    {"name":"windGustMilesPerHour","type":["null","double"],"default":null,"doc":"Gusts."},
    {"name":"precipitationInches","type":["null","double"],"default":null,"doc":"Rain and snow of the hour."},
    {"name":"pressureMillibars","type":["null","double"],"default":null,"doc":"Pressure at sea level."},
    {"name":"visibilityMiles","type":["null","double"],"default":null,"doc":"Visibility."},
    {"name":"observedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"Start of the hour observed."},
  ],
})

/** weather.reports.v1: The weather at an airport of the live timetable. */
export const reports: Topic<WeatherReport> = topic<WeatherReport>({
  type: "record",
  name: "WeatherReport",
  namespace: "weather",
  doc: "The weather at an airport of the live timetable.",
  topic: {"name":"weather.reports.v1","kind":"table","key":"airport","time":"observedAt","id":["airport","observedAt"],"partitions":12,"retention":"400 days","owner":"aviation"},
  fields: [
    {"name":"airport","type":"string","doc":"IATA code.","rule":{"pattern":"^[A-Z]{3}$"}},
    {"name":"temperatureCelsius","type":"double","doc":"Air temperature."},
    {"name":"windMetersPerSecond","type":"double","doc":"Wind speed.","rule":{"min":0}},
    {"name":"precipitationMillimeters","type":"double","doc":"Rain and snow of the hour.","rule":{"min":0}},
    {"name":"visibilityMeters","type":"int","doc":"Visibility.","rule":{"min":0}},
    {"name":"condition","type":{"type":"enum","name":"WeatherCondition","symbols":["CLEAR","CLOUDS","RAIN","SNOW","STORM","FOG"]},"doc":"In one word."},
    {"name":"observedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When it was observed."},
  ],
})

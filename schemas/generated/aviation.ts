// Generated from the contracts by `kappa schemas generate`. Do not edit.

import { type Topic, topic } from '#engine/schema'

export type FlightStatus = 'DEPARTED' | 'CANCELLED'

export type DelayCause = 'NONE' | 'WEATHER' | 'CARRIER' | 'TRAFFIC' | 'UNKNOWN'

/** A carrier of the United States. */
export interface Airline {
  /** IATA code of the carrier. */
  readonly carrier: string
  /** Its name. */
  readonly name: string
  /** From when on this row holds. Milliseconds since 1970 UTC. */
  readonly validFrom: number
}

/** An airport of the United States. */
export interface Airport {
  /** FAA code. */
  readonly airport: string
  /** Usual name. */
  readonly name: string
  /** Degrees north. */
  readonly latitude: number
  /** Degrees east. */
  readonly longitude: number
  /** Above sea level. */
  readonly altitudeFeet: number
  /** Standard time minus UTC. */
  readonly utcOffsetHours: number | null
  /** A: as the United States, N: none, U: unknown. */
  readonly daylightSaving: string | null
  /** IANA name. */
  readonly timeZone: string | null
  /** From when on this row holds. Milliseconds since 1970 UTC. */
  readonly validFrom: number
}

/** Departures per airport, hour and weather at the time of the scheduled departure, with what became of them. */
export interface DelayByWeather {
  /** IATA code of the airport of departure. */
  readonly origin: string
  /** As weather.reports.v1 has it, or UNKNOWN where nothing was reported. */
  readonly condition: string
  /** Start of the hour in which it was told, inclusive. Milliseconds since 1970 UTC. */
  readonly windowStart: number
  /** End of the hour, exclusive. Milliseconds since 1970 UTC. */
  readonly windowEnd: number
  /** Departures and cancellations told. */
  readonly flights: number
  /** Those cancelled. */
  readonly cancelled: number
  /** Those that departed a quarter of an hour late or more. */
  readonly late: number
  /** Those whose delay the source puts down to weather. */
  readonly byWeather: number
  /** Mean delay of those that departed; null where none did. */
  readonly meanDelayMinutes: number | null
  /** Largest delay; null where none departed. */
  readonly maxDelayMinutes: number | null
}

/** What became of a departure: on time, late or cancelled, and why. */
export interface Delay {
  /** The flight. */
  readonly flightId: string
  /** IATA code of the airport of departure. */
  readonly origin: string
  /** Whether it departed. */
  readonly status: FlightStatus
  /** Departure behind schedule; 0 where cancelled. */
  readonly delayMinutes: number
  /** What most of the delay is due to; UNKNOWN where the source does not say. */
  readonly cause: DelayCause
  /** Scheduled departure. Milliseconds since 1970 UTC. */
  readonly departsAt: number
  /** When it departed, or was cancelled. Milliseconds since 1970 UTC. */
  readonly reportedAt: number
}

/** What departures that were told too late change in the delays of an airport and hour: counts are added to the row, all else stands in its place. */
export interface DepartureDelayCorrection {
  /** Processor, identity of the row, and number: the same whenever it is settled again. */
  readonly correctionId: string
  /** Which correction of its row it is, counted from 1. */
  readonly number: number
  /** FAA code of the airport of departure. */
  readonly origin: string
  /** Start of the hour, inclusive. Milliseconds since 1970 UTC. */
  readonly windowStart: number
  /** End of the hour, exclusive. Milliseconds since 1970 UTC. */
  readonly windowEnd: number
  /** To be added to the row: scheduled departures. */
  readonly flights: number
  /** To be added to the row: those that departed. */
  readonly departed: number
  /** In place of the row's: mean delay of all that departed; null where none did. */
  readonly meanDelayMinutes: number | null
  /** In place of the row's: largest delay; null where none departed. */
  readonly maxDelayMinutes: number | null
  /** In place of the row's: air temperature. */
  readonly temperatureFahrenheit: number | null
  /** In place of the row's: wind speed. */
  readonly windSpeedMilesPerHour: number | null
  /** In place of the row's: rain and snow of the hour. */
  readonly precipitationInches: number | null
  /** In place of the row's: visibility. */
  readonly visibilityMiles: number | null
  /** In place of the row's: when the weather was observed; null where the hour has none. Milliseconds since 1970 UTC. */
  readonly weatherObservedAt: number | null
}

/** Departure delays per airport and hour of the scheduled departure, with the weather of that hour where it was observed. */
export interface DepartureDelayPerHour {
  /** FAA code of the airport of departure. */
  readonly origin: string
  /** Start of the hour, inclusive. Milliseconds since 1970 UTC. */
  readonly windowStart: number
  /** End of the hour, exclusive. Milliseconds since 1970 UTC. */
  readonly windowEnd: number
  /** Scheduled departures. */
  readonly flights: number
  /** Those that departed. */
  readonly departed: number
  /** Mean delay of those that departed; null where none did. */
  readonly meanDelayMinutes: number | null
  /** Largest delay; null where none departed. */
  readonly maxDelayMinutes: number | null
  /** Air temperature. */
  readonly temperatureFahrenheit: number | null
  /** Wind speed. */
  readonly windSpeedMilesPerHour: number | null
  /** Rain and snow of the hour. */
  readonly precipitationInches: number | null
  /** Visibility. */
  readonly visibilityMiles: number | null
  /** When the weather was observed; null where the hour has none. Milliseconds since 1970 UTC. */
  readonly weatherObservedAt: number | null
}

/** A scheduled departure from a New York airport, with what became of it; null times and delays mean that it did not depart, or did not arrive as planned. */
export interface Flight {
  /** Carrier, flight number, origin and scheduled instant: unique. */
  readonly flightId: string
  /** IATA code of the carrier. */
  readonly carrier: string
  /** Number of the flight. */
  readonly flightNumber: number
  /** Registration of the plane. */
  readonly tailNumber: string | null
  /** FAA code of the airport of departure. */
  readonly origin: string
  /** FAA code of the airport of arrival. */
  readonly destination: string
  /** Scheduled instant of departure. Milliseconds since 1970 UTC. */
  readonly scheduledAt: number
  /** Start of the hour of the scheduled departure: the hour whose weather belongs to the flight. Milliseconds since 1970 UTC. */
  readonly scheduledHourAt: number
  /** Day of the scheduled departure, New York time. Days since 1970. */
  readonly localDate: number
  /** Scheduled departure, local time as hours times 100 plus minutes. */
  readonly scheduledDepartureLocal: number
  /** Actual departure, local time as hours times 100 plus minutes. */
  readonly departureLocal: number | null
  /** Negative where early. */
  readonly departureDelayMinutes: number | null
  /** Scheduled arrival, local time there as hours times 100 plus minutes. */
  readonly scheduledArrivalLocal: number
  /** Actual arrival, local time there as hours times 100 plus minutes. */
  readonly arrivalLocal: number | null
  /** Negative where early. */
  readonly arrivalDelayMinutes: number | null
  /** Time in the air. */
  readonly airTimeMinutes: number | null
  /** Distance between the airports. */
  readonly distanceMiles: number
}

/** A plane that is registered in the United States. */
export interface Plane {
  /** Its registration. */
  readonly tailNumber: string
  /** Year in which it was built. */
  readonly year: number | null
  /** Kind of aircraft. */
  readonly type: string
  /** Who built it. */
  readonly manufacturer: string
  /** Its model. */
  readonly model: string
  /** How many engines it has. */
  readonly engines: number
  /** How many seats it has. */
  readonly seats: number
  /** Average cruising speed in miles per hour. */
  readonly speed: number | null
  /** Kind of engine. */
  readonly engine: string
  /** From when on this row holds. Milliseconds since 1970 UTC. */
  readonly validFrom: number
}

/** Where a flight was. */
export interface Position {
  /** The flight. */
  readonly flightId: string
  /** Degrees north. */
  readonly latitude: number
  /** Degrees east. */
  readonly longitude: number
  /** Above sea level. */
  readonly altitudeMeters: number
  /** Over ground. */
  readonly speedKilometersPerHour: number
  /** Clockwise from north. */
  readonly headingDegrees: number
  /** When. Milliseconds since 1970 UTC. */
  readonly observedAt: number
}

/** A departure of the live timetable. */
export interface ScheduledFlight {
  /** Carrier, number, origin and scheduled instant: unique. */
  readonly flightId: string
  /** Code of the carrier; made up. */
  readonly carrier: string
  /** Number of the flight. */
  readonly flightNumber: number
  /** IATA code of the airport of departure. */
  readonly origin: string
  /** IATA code of the airport of arrival. */
  readonly destination: string
  /** Scheduled departure. Milliseconds since 1970 UTC. */
  readonly departsAt: number
  /** Scheduled arrival. Milliseconds since 1970 UTC. */
  readonly arrivesAt: number
  /** When it came into the timetable. Milliseconds since 1970 UTC. */
  readonly announcedAt: number
}

/** A flight inside the United States in the first half of 2001, as the sample of three millions has it. */
export interface UsFlight {
  /** IATA code of the airport of departure. */
  readonly origin: string
  /** IATA code of the airport of arrival. */
  readonly destination: string
  /** Departure by the clocks at its origin, as if they showed UTC: the source names no zone. Milliseconds since 1970 UTC. */
  readonly departedAt: number
  /** Negative where early. */
  readonly delayMinutes: number
  /** Between the airports. */
  readonly distanceMiles: number
}

/** aviation.airlines.v1: A carrier of the United States. */
export const airlines: Topic<Airline> = topic<Airline>({
  type: "record",
  name: "Airline",
  namespace: "aviation",
  doc: "A carrier of the United States.",
  topic: {"name":"aviation.airlines.v1","kind":"table","key":"carrier","time":"validFrom","id":"carrier","partitions":12,"retention":"forever","owner":"aviation"},
  fields: [
    {"name":"carrier","type":"string","doc":"IATA code of the carrier.","rule":{"notEmpty":true}},
    {"name":"name","type":"string","doc":"Its name.","rule":{"notEmpty":true}},
    {"name":"validFrom","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"From when on this row holds."},
  ],
})

/** aviation.airports.v1: An airport of the United States. */
export const airports: Topic<Airport> = topic<Airport>({
  type: "record",
  name: "Airport",
  namespace: "aviation",
  doc: "An airport of the United States.",
  topic: {"name":"aviation.airports.v1","kind":"table","key":"airport","time":"validFrom","id":"airport","partitions":12,"retention":"forever","owner":"aviation"},
  fields: [
    {"name":"airport","type":"string","doc":"FAA code.","rule":{"notEmpty":true}},
    {"name":"name","type":"string","doc":"Usual name."},
    {"name":"latitude","type":"double","doc":"Degrees north.","rule":{"min":-90,"max":90}},
    {"name":"longitude","type":"double","doc":"Degrees east.","rule":{"min":-180,"max":180}},
    {"name":"altitudeFeet","type":"int","doc":"Above sea level."},
    {"name":"utcOffsetHours","type":["null","double"],"default":null,"doc":"Standard time minus UTC."},
    {"name":"daylightSaving","type":["null","string"],"default":null,"doc":"A: as the United States, N: none, U: unknown."},
    {"name":"timeZone","type":["null","string"],"default":null,"doc":"IANA name."},
    {"name":"validFrom","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"From when on this row holds."},
  ],
})

/** aviation.delay-by-weather.v1: Departures per airport, hour and weather at the time of the scheduled departure, with what became of them. */
export const delayByWeather: Topic<DelayByWeather> = topic<DelayByWeather>({
  type: "record",
  name: "DelayByWeather",
  namespace: "aviation",
  doc: "Departures per airport, hour and weather at the time of the scheduled departure, with what became of them.",
  topic: {"name":"aviation.delay-by-weather.v1","kind":"results","key":"origin","time":"windowStart","id":["origin","condition","windowStart"],"partitions":12,"retention":"400 days","owner":"aviation"},
  fields: [
    {"name":"origin","type":"string","doc":"IATA code of the airport of departure.","rule":{"pattern":"^[A-Z]{3}$"}},
    {"name":"condition","type":"string","doc":"As weather.reports.v1 has it, or UNKNOWN where nothing was reported.","rule":{"notEmpty":true}},
    {"name":"windowStart","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"Start of the hour in which it was told, inclusive."},
    {"name":"windowEnd","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"End of the hour, exclusive."},
    {"name":"flights","type":"long","doc":"Departures and cancellations told.","rule":{"min":0}},
    {"name":"cancelled","type":"long","doc":"Those cancelled.","rule":{"min":0}},
    {"name":"late","type":"long","doc":"Those that departed a quarter of an hour late or more.","rule":{"min":0}},
    {"name":"byWeather","type":"long","doc":"Those whose delay the source puts down to weather.","rule":{"min":0}},
    {"name":"meanDelayMinutes","type":["null","double"],"default":null,"doc":"Mean delay of those that departed; null where none did."},
    {"name":"maxDelayMinutes","type":["null","int"],"default":null,"doc":"Largest delay; null where none departed."},
  ],
})

/** aviation.delays.v1: What became of a departure: on time, late or cancelled, and why. */
export const delays: Topic<Delay> = topic<Delay>({
  type: "record",
  name: "Delay",
  namespace: "aviation",
  doc: "What became of a departure: on time, late or cancelled, and why.",
  topic: {"name":"aviation.delays.v1","kind":"facts","key":"flightId","time":"reportedAt","id":"flightId","partitions":12,"retention":"400 days","owner":"aviation"},
  fields: [
    {"name":"flightId","type":"string","doc":"The flight.","rule":{"notEmpty":true}},
    {"name":"origin","type":"string","doc":"IATA code of the airport of departure.","rule":{"pattern":"^[A-Z]{3}$"}},
    {"name":"status","type":{"type":"enum","name":"FlightStatus","symbols":["DEPARTED","CANCELLED"]},"doc":"Whether it departed."},
    {"name":"delayMinutes","type":"int","doc":"Departure behind schedule; 0 where cancelled.","rule":{"min":0}},
    {"name":"cause","type":{"type":"enum","name":"DelayCause","symbols":["NONE","WEATHER","CARRIER","TRAFFIC","UNKNOWN"]},"doc":"What most of the delay is due to; UNKNOWN where the source does not say."},
    {"name":"departsAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"Scheduled departure."},
    {"name":"reportedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When it departed, or was cancelled."},
  ],
})

/** aviation.departure-delay-per-hour-corrections.v1: What departures that were told too late change in the delays of an airport and hour: counts are added to the row, all else stands in its place. */
export const departureDelayPerHourCorrections: Topic<DepartureDelayCorrection> = topic<DepartureDelayCorrection>({
  type: "record",
  name: "DepartureDelayCorrection",
  namespace: "aviation",
  doc: "What departures that were told too late change in the delays of an airport and hour: counts are added to the row, all else stands in its place.",
  topic: {"name":"aviation.departure-delay-per-hour-corrections.v1","kind":"results","key":"origin","time":"windowStart","id":["windowStart","correctionId"],"partitions":12,"retention":"forever","owner":"aviation"},
  fields: [
    {"name":"correctionId","type":"string","doc":"Processor, identity of the row, and number: the same whenever it is settled again.","rule":{"notEmpty":true}},
    {"name":"number","type":"int","doc":"Which correction of its row it is, counted from 1."},
    {"name":"origin","type":"string","doc":"FAA code of the airport of departure.","rule":{"pattern":"^[A-Z0-9]{3,4}$"}},
    {"name":"windowStart","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"Start of the hour, inclusive."},
    {"name":"windowEnd","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"End of the hour, exclusive."},
    {"name":"flights","type":"long","doc":"To be added to the row: scheduled departures."},
    {"name":"departed","type":"long","doc":"To be added to the row: those that departed."},
    {"name":"meanDelayMinutes","type":["null","double"],"default":null,"doc":"In place of the row's: mean delay of all that departed; null where none did."},
    {"name":"maxDelayMinutes","type":["null","int"],"default":null,"doc":"In place of the row's: largest delay; null where none departed."},
    {"name":"temperatureFahrenheit","type":["null","double"],"default":null,"doc":"In place of the row's: air temperature."},
    {"name":"windSpeedMilesPerHour","type":["null","double"],"default":null,"doc":"In place of the row's: wind speed."},
    {"name":"precipitationInches","type":["null","double"],"default":null,"doc":"In place of the row's: rain and snow of the hour."},
    {"name":"visibilityMiles","type":["null","double"],"default":null,"doc":"In place of the row's: visibility."},
    {"name":"weatherObservedAt","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"In place of the row's: when the weather was observed; null where the hour has none."},
  ],
})

/** aviation.departure-delay-per-hour.v1: Departure delays per airport and hour of the scheduled departure, with the weather of that hour where it was observed. */
export const departureDelayPerHour: Topic<DepartureDelayPerHour> = topic<DepartureDelayPerHour>({
  type: "record",
  name: "DepartureDelayPerHour",
  namespace: "aviation",
  doc: "Departure delays per airport and hour of the scheduled departure, with the weather of that hour where it was observed.",
  topic: {"name":"aviation.departure-delay-per-hour.v1","kind":"results","key":"origin","time":"windowStart","id":["origin","windowStart"],"partitions":12,"retention":"forever","owner":"aviation"},
  fields: [
    {"name":"origin","type":"string","doc":"FAA code of the airport of departure.","rule":{"pattern":"^[A-Z0-9]{3,4}$"}},
    {"name":"windowStart","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"Start of the hour, inclusive."},
    {"name":"windowEnd","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"End of the hour, exclusive."},
    {"name":"flights","type":"long","doc":"Scheduled departures.","rule":{"min":0}},
    {"name":"departed","type":"long","doc":"Those that departed.","rule":{"min":0}},
    {"name":"meanDelayMinutes","type":["null","double"],"default":null,"doc":"Mean delay of those that departed; null where none did."},
    {"name":"maxDelayMinutes","type":["null","int"],"default":null,"doc":"Largest delay; null where none departed."},
    {"name":"temperatureFahrenheit","type":["null","double"],"default":null,"doc":"Air temperature."},
    {"name":"windSpeedMilesPerHour","type":["null","double"],"default":null,"doc":"Wind speed."},
    {"name":"precipitationInches","type":["null","double"],"default":null,"doc":"Rain and snow of the hour."},
    {"name":"visibilityMiles","type":["null","double"],"default":null,"doc":"Visibility."},
    {"name":"weatherObservedAt","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"When the weather was observed; null where the hour has none."},
  ],
})

/** aviation.flights.v1: A scheduled departure from a New York airport, with what became of it; null times and delays mean that it did not depart, or did not arrive as planned. */
export const flights: Topic<Flight> = topic<Flight>({
  type: "record",
  name: "Flight",
  namespace: "aviation",
  doc: "A scheduled departure from a New York airport, with what became of it; null times and delays mean that it did not depart, or did not arrive as planned.",
  topic: {"name":"aviation.flights.v1","kind":"facts","key":"origin","time":"scheduledAt","id":"flightId","partitions":12,"retention":"forever","owner":"aviation"},
  fields: [
    {"name":"flightId","type":"string","doc":"Carrier, flight number, origin and scheduled instant: unique.","rule":{"notEmpty":true}},
    {"name":"carrier","type":"string","doc":"IATA code of the carrier.","rule":{"notEmpty":true}},
    {"name":"flightNumber","type":"int","doc":"Number of the flight."},
    {"name":"tailNumber","type":["null","string"],"default":null,"doc":"Registration of the plane."},
    {"name":"origin","type":"string","doc":"FAA code of the airport of departure.","rule":{"pattern":"^[A-Z0-9]{3,4}$"}},
    {"name":"destination","type":"string","doc":"FAA code of the airport of arrival.","rule":{"pattern":"^[A-Z0-9]{3,4}$"}},
    {"name":"scheduledAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"Scheduled instant of departure."},
    {"name":"scheduledHourAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"Start of the hour of the scheduled departure: the hour whose weather belongs to the flight."},
    {"name":"localDate","type":{"type":"int","logicalType":"date"},"doc":"Day of the scheduled departure, New York time."},
    {"name":"scheduledDepartureLocal","type":"int","doc":"Scheduled departure, local time as hours times 100 plus minutes."},
    {"name":"departureLocal","type":["null","int"],"default":null,"doc":"Actual departure, local time as hours times 100 plus minutes."},
    {"name":"departureDelayMinutes","type":["null","int"],"default":null,"doc":"Negative where early."},
    {"name":"scheduledArrivalLocal","type":"int","doc":"Scheduled arrival, local time there as hours times 100 plus minutes."},
    {"name":"arrivalLocal","type":["null","int"],"default":null,"doc":"Actual arrival, local time there as hours times 100 plus minutes."},
    {"name":"arrivalDelayMinutes","type":["null","int"],"default":null,"doc":"Negative where early."},
    {"name":"airTimeMinutes","type":["null","int"],"default":null,"doc":"Time in the air."},
    {"name":"distanceMiles","type":"int","doc":"Distance between the airports.","rule":{"min":0}},
  ],
})

/** aviation.planes.v1: A plane that is registered in the United States. */
export const planes: Topic<Plane> = topic<Plane>({
  type: "record",
  name: "Plane",
  namespace: "aviation",
  doc: "A plane that is registered in the United States.",
  topic: {"name":"aviation.planes.v1","kind":"table","key":"tailNumber","time":"validFrom","id":"tailNumber","partitions":12,"retention":"forever","owner":"aviation"},
  fields: [
    {"name":"tailNumber","type":"string","doc":"Its registration.","rule":{"notEmpty":true}},
    {"name":"year","type":["null","int"],"default":null,"doc":"Year in which it was built."},
    {"name":"type","type":"string","doc":"Kind of aircraft.","rule":{"notEmpty":true}},
    {"name":"manufacturer","type":"string","doc":"Who built it.","rule":{"notEmpty":true}},
    {"name":"model","type":"string","doc":"Its model.","rule":{"notEmpty":true}},
    {"name":"engines","type":"int","doc":"How many engines it has.","rule":{"min":0}},
    {"name":"seats","type":"int","doc":"How many seats it has.","rule":{"min":0}},
    {"name":"speed","type":["null","int"],"default":null,"doc":"Average cruising speed in miles per hour."},
    {"name":"engine","type":"string","doc":"Kind of engine.","rule":{"notEmpty":true}},
    {"name":"validFrom","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"From when on this row holds."},
  ],
})

/** aviation.positions.v1: Where a flight was. */
export const positions: Topic<Position> = topic<Position>({
  type: "record",
  name: "Position",
  namespace: "aviation",
  doc: "Where a flight was.",
  topic: {"name":"aviation.positions.v1","kind":"facts","key":"flightId","time":"observedAt","id":["flightId","observedAt"],"partitions":12,"retention":"90 days","owner":"aviation"},
  fields: [
    {"name":"flightId","type":"string","doc":"The flight.","rule":{"notEmpty":true}},
    {"name":"latitude","type":"double","doc":"Degrees north.","rule":{"min":-90,"max":90}},
    {"name":"longitude","type":"double","doc":"Degrees east.","rule":{"min":-180,"max":180}},
    {"name":"altitudeMeters","type":"int","doc":"Above sea level.","rule":{"min":0}},
    {"name":"speedKilometersPerHour","type":"int","doc":"Over ground.","rule":{"min":0}},
    {"name":"headingDegrees","type":"int","doc":"Clockwise from north.","rule":{"min":0,"max":359}},
    {"name":"observedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When."},
  ],
})

/** aviation.schedules.v1: A departure of the live timetable. */
export const schedules: Topic<ScheduledFlight> = topic<ScheduledFlight>({
  type: "record",
  name: "ScheduledFlight",
  namespace: "aviation",
  doc: "A departure of the live timetable.",
  topic: {"name":"aviation.schedules.v1","kind":"table","key":"flightId","time":"announcedAt","id":"flightId","partitions":12,"retention":"400 days","owner":"aviation","serving":{"ttl":"2 days"}},
  fields: [
    {"name":"flightId","type":"string","doc":"Carrier, number, origin and scheduled instant: unique.","rule":{"notEmpty":true}},
    {"name":"carrier","type":"string","doc":"Code of the carrier; made up.","rule":{"notEmpty":true}},
    {"name":"flightNumber","type":"int","doc":"Number of the flight.","rule":{"min":1}},
    {"name":"origin","type":"string","doc":"IATA code of the airport of departure.","rule":{"pattern":"^[A-Z]{3}$"}},
    {"name":"destination","type":"string","doc":"IATA code of the airport of arrival.","rule":{"pattern":"^[A-Z]{3}$"}},
    {"name":"departsAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"Scheduled departure."},
    {"name":"arrivesAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"Scheduled arrival."},
    {"name":"announcedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When it came into the timetable."},
  ],
})

/** aviation.us-flights.v1: A flight inside the United States in the first half of 2001, as the sample of three millions has it. */
export const usFlights: Topic<UsFlight> = topic<UsFlight>({
  type: "record",
  name: "UsFlight",
  namespace: "aviation",
  doc: "A flight inside the United States in the first half of 2001, as the sample of three millions has it.",
  topic: {"name":"aviation.us-flights.v1","kind":"facts","key":"origin","time":"departedAt","id":[],"partitions":12,"retention":"forever","owner":"aviation"},
  fields: [
    {"name":"origin","type":"string","doc":"IATA code of the airport of departure.","rule":{"pattern":"^[A-Z0-9]{3}$"}},
    {"name":"destination","type":"string","doc":"IATA code of the airport of arrival.","rule":{"pattern":"^[A-Z0-9]{3}$"}},
    {"name":"departedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"Departure by the clocks at its origin, as if they showed UTC: the source names no zone."},
    {"name":"delayMinutes","type":"int","doc":"Negative where early."},
    {"name":"distanceMiles","type":"int","doc":"Between the airports.","rule":{"min":0}},
  ],
})

-- Generated from the contracts by `kappa schemas generate`. Do not edit. The sink runs these statements itself.

CREATE DATABASE IF NOT EXISTS `ads`;

CREATE TABLE IF NOT EXISTS `ads`.`ad_campaigns`
(
  `campaignId` String COMMENT 'The campaign.',
  `name` String COMMENT 'As marketing calls it.',
  `channel` LowCardinality(String) COMMENT 'Where it is shown.',
  `country` String COMMENT 'Market in which it is shown, ISO 3166-1 alpha-2.',
  `dailyBudget` Decimal(18, 2) COMMENT 'What marketing plans to spend a day, in euros.',
  `startsAt` DateTime64(3, 'UTC') COMMENT 'First instant on which it is shown.',
  `endsAt` DateTime64(3, 'UTC') COMMENT 'First instant on which it is not any more.',
  `bookedAt` DateTime64(3, 'UTC') COMMENT 'When it was booked.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.',
  `_version` UInt64 COMMENT 'The row with the largest is the latest of its identity.',
  `_deleted` UInt8 COMMENT '1 where the row was retracted.'
)
ENGINE = ReplacingMergeTree(`_version`, `_deleted`)
ORDER BY (`campaignId`)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'An advertising campaign, as booked with its network.';

CREATE VIEW IF NOT EXISTS `ads`.`ad_campaigns_latest` AS
SELECT
  `campaignId`,
  `name`,
  `channel`,
  `country`,
  `dailyBudget`,
  `startsAt`,
  `endsAt`,
  `bookedAt`
FROM `ads`.`ad_campaigns` FINAL;

CREATE TABLE IF NOT EXISTS `ads`.`ad_clicks`
(
  `clickId` String COMMENT 'Unique per click.',
  `campaignId` String COMMENT 'The campaign.',
  `channel` LowCardinality(String) COMMENT 'Where it is shown.',
  `country` String COMMENT 'Market in which it was shown, ISO 3166-1 alpha-2.',
  `visitorId` String COMMENT 'The browser or app installation that landed in the shop.',
  `cost` Decimal(18, 2) COMMENT 'What the network charges for it, in euros.',
  `clickedAt` DateTime64(3, 'UTC') COMMENT 'When it was clicked.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.'
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(`clickedAt`)
ORDER BY (`clickedAt`, `_partition`, `_offset`)
TTL toDateTime(`_writtenAt`) + INTERVAL 34560000 SECOND
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'A click on an advertisement, with the visitor as the landing page met them.';

CREATE TABLE IF NOT EXISTS `ads`.`ad_spend`
(
  `campaignId` String COMMENT 'The campaign.',
  `channel` LowCardinality(String) COMMENT 'Where it is shown.',
  `country` String COMMENT 'Market in which it was shown, ISO 3166-1 alpha-2.',
  `impressions` Int64 COMMENT 'How often it was shown.',
  `clicks` Int64 COMMENT 'How often it was clicked: as many as ads.ad-clicks.v1 holds.',
  `spend` Decimal(18, 2) COMMENT 'What the network charges, in euros.',
  `periodStart` DateTime64(3, 'UTC') COMMENT 'First instant of the period.',
  `periodEnd` DateTime64(3, 'UTC') COMMENT 'First instant behind it; reported then.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.',
  `_version` UInt64 COMMENT 'The row with the largest is the latest of its identity.',
  `_deleted` UInt8 COMMENT '1 where the row was retracted.'
)
ENGINE = ReplacingMergeTree(`_version`, `_deleted`)
ORDER BY (`campaignId`, `periodStart`)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'What a network reports of a campaign for a period: impressions, clicks and their cost. A later report of the same period replaces the earlier one.';

CREATE VIEW IF NOT EXISTS `ads`.`ad_spend_latest` AS
SELECT
  `campaignId`,
  `channel`,
  `country`,
  `impressions`,
  `clicks`,
  `spend`,
  `periodStart`,
  `periodEnd`
FROM `ads`.`ad_spend` FINAL;

CREATE DATABASE IF NOT EXISTS `aviation`;

CREATE TABLE IF NOT EXISTS `aviation`.`airlines`
(
  `carrier` String COMMENT 'IATA code of the carrier.',
  `name` String COMMENT 'Its name.',
  `validFrom` DateTime64(3, 'UTC') COMMENT 'From when on this row holds.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.',
  `_version` UInt64 COMMENT 'The row with the largest is the latest of its identity.',
  `_deleted` UInt8 COMMENT '1 where the row was retracted.'
)
ENGINE = ReplacingMergeTree(`_version`, `_deleted`)
ORDER BY (`carrier`)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'A carrier of the United States.';

CREATE VIEW IF NOT EXISTS `aviation`.`airlines_latest` AS
SELECT
  `carrier`,
  `name`,
  `validFrom`
FROM `aviation`.`airlines` FINAL;

CREATE TABLE IF NOT EXISTS `aviation`.`airports`
(
  `airport` String COMMENT 'FAA code.',
  `name` String COMMENT 'Usual name.',
  `latitude` Float64 COMMENT 'Degrees north.',
  `longitude` Float64 COMMENT 'Degrees east.',
  `altitudeFeet` Int32 COMMENT 'Above sea level.',
  `utcOffsetHours` Nullable(Float64) COMMENT 'Standard time minus UTC.',
  `daylightSaving` Nullable(String) COMMENT 'A: as the United States, N: none, U: unknown.',
  `timeZone` Nullable(String) COMMENT 'IANA name.',
  `validFrom` DateTime64(3, 'UTC') COMMENT 'From when on this row holds.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.',
  `_version` UInt64 COMMENT 'The row with the largest is the latest of its identity.',
  `_deleted` UInt8 COMMENT '1 where the row was retracted.'
)
ENGINE = ReplacingMergeTree(`_version`, `_deleted`)
ORDER BY (`airport`)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'An airport of the United States.';

CREATE VIEW IF NOT EXISTS `aviation`.`airports_latest` AS
SELECT
  `airport`,
  `name`,
  `latitude`,
  `longitude`,
  `altitudeFeet`,
  `utcOffsetHours`,
  `daylightSaving`,
  `timeZone`,
  `validFrom`
FROM `aviation`.`airports` FINAL;

CREATE TABLE IF NOT EXISTS `aviation`.`delay_by_weather`
(
  `origin` String COMMENT 'IATA code of the airport of departure.',
  `condition` String COMMENT 'As weather.reports.v1 has it, or UNKNOWN where nothing was reported.',
  `windowStart` DateTime64(3, 'UTC') COMMENT 'Start of the hour in which it was told, inclusive.',
  `windowEnd` DateTime64(3, 'UTC') COMMENT 'End of the hour, exclusive.',
  `flights` Int64 COMMENT 'Departures and cancellations told.',
  `cancelled` Int64 COMMENT 'Those cancelled.',
  `late` Int64 COMMENT 'Those that departed a quarter of an hour late or more.',
  `byWeather` Int64 COMMENT 'Those whose delay the source puts down to weather.',
  `meanDelayMinutes` Nullable(Float64) COMMENT 'Mean delay of those that departed; null where none did.',
  `maxDelayMinutes` Nullable(Int32) COMMENT 'Largest delay; null where none departed.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.',
  `_version` UInt64 COMMENT 'The row with the largest is the latest of its identity.',
  `_deleted` UInt8 COMMENT '1 where the row was retracted.'
)
ENGINE = ReplacingMergeTree(`_version`, `_deleted`)
PARTITION BY toYYYYMM(`windowStart`)
ORDER BY (`origin`, `condition`, `windowStart`)
TTL toDateTime(`_writtenAt`) + INTERVAL 34560000 SECOND
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Departures per airport, hour and weather at the time of the scheduled departure, with what became of them.';

CREATE VIEW IF NOT EXISTS `aviation`.`delay_by_weather_latest` AS
SELECT
  `origin`,
  `condition`,
  `windowStart`,
  `windowEnd`,
  `flights`,
  `cancelled`,
  `late`,
  `byWeather`,
  `meanDelayMinutes`,
  `maxDelayMinutes`
FROM `aviation`.`delay_by_weather` FINAL;

CREATE TABLE IF NOT EXISTS `aviation`.`delays`
(
  `flightId` String COMMENT 'The flight.',
  `origin` String COMMENT 'IATA code of the airport of departure.',
  `status` LowCardinality(String) COMMENT 'Whether it departed.',
  `delayMinutes` Int32 COMMENT 'Departure behind schedule; 0 where cancelled.',
  `cause` LowCardinality(String) COMMENT 'What most of the delay is due to; UNKNOWN where the source does not say.',
  `departsAt` DateTime64(3, 'UTC') COMMENT 'Scheduled departure.',
  `reportedAt` DateTime64(3, 'UTC') COMMENT 'When it departed, or was cancelled.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.'
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(`reportedAt`)
ORDER BY (`reportedAt`, `_partition`, `_offset`)
TTL toDateTime(`_writtenAt`) + INTERVAL 34560000 SECOND
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'What became of a departure: on time, late or cancelled, and why.';

CREATE TABLE IF NOT EXISTS `aviation`.`departure_delay_per_hour_corrections`
(
  `correctionId` String COMMENT 'Processor, identity of the row, and number: the same whenever it is settled again.',
  `number` Int32 COMMENT 'Which correction of its row it is, counted from 1.',
  `origin` String COMMENT 'FAA code of the airport of departure.',
  `windowStart` DateTime64(3, 'UTC') COMMENT 'Start of the hour, inclusive.',
  `windowEnd` DateTime64(3, 'UTC') COMMENT 'End of the hour, exclusive.',
  `flights` Int64 COMMENT 'To be added to the row: scheduled departures.',
  `departed` Int64 COMMENT 'To be added to the row: those that departed.',
  `meanDelayMinutes` Nullable(Float64) COMMENT 'In place of the row\'s: mean delay of all that departed; null where none did.',
  `maxDelayMinutes` Nullable(Int32) COMMENT 'In place of the row\'s: largest delay; null where none departed.',
  `temperatureFahrenheit` Nullable(Float64) COMMENT 'In place of the row\'s: air temperature.',
  `windSpeedMilesPerHour` Nullable(Float64) COMMENT 'In place of the row\'s: wind speed.',
  `precipitationInches` Nullable(Float64) COMMENT 'In place of the row\'s: rain and snow of the hour.',
  `visibilityMiles` Nullable(Float64) COMMENT 'In place of the row\'s: visibility.',
  `weatherObservedAt` Nullable(DateTime64(3, 'UTC')) COMMENT 'In place of the row\'s: when the weather was observed; null where the hour has none.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.',
  `_version` UInt64 COMMENT 'The row with the largest is the latest of its identity.',
  `_deleted` UInt8 COMMENT '1 where the row was retracted.'
)
ENGINE = ReplacingMergeTree(`_version`, `_deleted`)
PARTITION BY toYYYYMM(`windowStart`)
ORDER BY (`windowStart`, `correctionId`)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'What departures that were told too late change in the delays of an airport and hour: counts are added to the row, all else stands in its place.';

CREATE VIEW IF NOT EXISTS `aviation`.`departure_delay_per_hour_corrections_latest` AS
SELECT
  `correctionId`,
  `number`,
  `origin`,
  `windowStart`,
  `windowEnd`,
  `flights`,
  `departed`,
  `meanDelayMinutes`,
  `maxDelayMinutes`,
  `temperatureFahrenheit`,
  `windSpeedMilesPerHour`,
  `precipitationInches`,
  `visibilityMiles`,
  `weatherObservedAt`
FROM `aviation`.`departure_delay_per_hour_corrections` FINAL;

CREATE TABLE IF NOT EXISTS `aviation`.`departure_delay_per_hour`
(
  `origin` String COMMENT 'FAA code of the airport of departure.',
  `windowStart` DateTime64(3, 'UTC') COMMENT 'Start of the hour, inclusive.',
  `windowEnd` DateTime64(3, 'UTC') COMMENT 'End of the hour, exclusive.',
  `flights` Int64 COMMENT 'Scheduled departures.',
  `departed` Int64 COMMENT 'Those that departed.',
  `meanDelayMinutes` Nullable(Float64) COMMENT 'Mean delay of those that departed; null where none did.',
  `maxDelayMinutes` Nullable(Int32) COMMENT 'Largest delay; null where none departed.',
  `temperatureFahrenheit` Nullable(Float64) COMMENT 'Air temperature.',
  `windSpeedMilesPerHour` Nullable(Float64) COMMENT 'Wind speed.',
  `precipitationInches` Nullable(Float64) COMMENT 'Rain and snow of the hour.',
  `visibilityMiles` Nullable(Float64) COMMENT 'Visibility.',
  `weatherObservedAt` Nullable(DateTime64(3, 'UTC')) COMMENT 'When the weather was observed; null where the hour has none.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.',
  `_version` UInt64 COMMENT 'The row with the largest is the latest of its identity.',
  `_deleted` UInt8 COMMENT '1 where the row was retracted.'
)
ENGINE = ReplacingMergeTree(`_version`, `_deleted`)
PARTITION BY toYYYYMM(`windowStart`)
ORDER BY (`origin`, `windowStart`)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Departure delays per airport and hour of the scheduled departure, with the weather of that hour where it was observed.';

CREATE VIEW IF NOT EXISTS `aviation`.`departure_delay_per_hour_latest` AS
SELECT
  `origin`,
  `windowStart`,
  `windowEnd`,
  `flights`,
  `departed`,
  `meanDelayMinutes`,
  `maxDelayMinutes`,
  `temperatureFahrenheit`,
  `windSpeedMilesPerHour`,
  `precipitationInches`,
  `visibilityMiles`,
  `weatherObservedAt`
FROM `aviation`.`departure_delay_per_hour` FINAL;

CREATE TABLE IF NOT EXISTS `aviation`.`flights`
(
  `flightId` String COMMENT 'Carrier, flight number, origin and scheduled instant: unique.',
  `carrier` String COMMENT 'IATA code of the carrier.',
  `flightNumber` Int32 COMMENT 'Number of the flight.',
  `tailNumber` Nullable(String) COMMENT 'Registration of the plane.',
  `origin` String COMMENT 'FAA code of the airport of departure.',
  `destination` String COMMENT 'FAA code of the airport of arrival.',
  `scheduledAt` DateTime64(3, 'UTC') COMMENT 'Scheduled instant of departure.',
  `scheduledHourAt` DateTime64(3, 'UTC') COMMENT 'Start of the hour of the scheduled departure: the hour whose weather belongs to the flight.',
  `localDate` Date32 COMMENT 'Day of the scheduled departure, New York time.',
  `scheduledDepartureLocal` Int32 COMMENT 'Scheduled departure, local time as hours times 100 plus minutes.',
  `departureLocal` Nullable(Int32) COMMENT 'Actual departure, local time as hours times 100 plus minutes.',
  `departureDelayMinutes` Nullable(Int32) COMMENT 'Negative where early.',
  `scheduledArrivalLocal` Int32 COMMENT 'Scheduled arrival, local time there as hours times 100 plus minutes.',
  `arrivalLocal` Nullable(Int32) COMMENT 'Actual arrival, local time there as hours times 100 plus minutes.',
  `arrivalDelayMinutes` Nullable(Int32) COMMENT 'Negative where early.',
  `airTimeMinutes` Nullable(Int32) COMMENT 'Time in the air.',
  `distanceMiles` Int32 COMMENT 'Distance between the airports.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.'
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(`scheduledAt`)
ORDER BY (`scheduledAt`, `_partition`, `_offset`)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'A scheduled departure from a New York airport, with what became of it; null times and delays mean that it did not depart, or did not arrive as planned.';

CREATE TABLE IF NOT EXISTS `aviation`.`planes`
(
  `tailNumber` String COMMENT 'Its registration.',
  `year` Nullable(Int32) COMMENT 'Year in which it was built.',
  `type` String COMMENT 'Kind of aircraft.',
  `manufacturer` String COMMENT 'Who built it.',
  `model` String COMMENT 'Its model.',
  `engines` Int32 COMMENT 'How many engines it has.',
  `seats` Int32 COMMENT 'How many seats it has.',
  `speed` Nullable(Int32) COMMENT 'Average cruising speed in miles per hour.',
  `engine` String COMMENT 'Kind of engine.',
  `validFrom` DateTime64(3, 'UTC') COMMENT 'From when on this row holds.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.',
  `_version` UInt64 COMMENT 'The row with the largest is the latest of its identity.',
  `_deleted` UInt8 COMMENT '1 where the row was retracted.'
)
ENGINE = ReplacingMergeTree(`_version`, `_deleted`)
ORDER BY (`tailNumber`)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'A plane that is registered in the United States.';

CREATE VIEW IF NOT EXISTS `aviation`.`planes_latest` AS
SELECT
  `tailNumber`,
  `year`,
  `type`,
  `manufacturer`,
  `model`,
  `engines`,
  `seats`,
  `speed`,
  `engine`,
  `validFrom`
FROM `aviation`.`planes` FINAL;

CREATE TABLE IF NOT EXISTS `aviation`.`positions`
(
  `flightId` String COMMENT 'The flight.',
  `latitude` Float64 COMMENT 'Degrees north.',
  `longitude` Float64 COMMENT 'Degrees east.',
  `altitudeMeters` Int32 COMMENT 'Above sea level.',
  `speedKilometersPerHour` Int32 COMMENT 'Over ground.',
  `headingDegrees` Int32 COMMENT 'Clockwise from north.',
  `observedAt` DateTime64(3, 'UTC') COMMENT 'When.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.'
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(`observedAt`)
ORDER BY (`observedAt`, `_partition`, `_offset`)
TTL toDateTime(`_writtenAt`) + INTERVAL 7776000 SECOND
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Where a flight was.';

CREATE TABLE IF NOT EXISTS `aviation`.`schedules`
(
  `flightId` String COMMENT 'Carrier, number, origin and scheduled instant: unique.',
  `carrier` String COMMENT 'Code of the carrier; made up.',
  `flightNumber` Int32 COMMENT 'Number of the flight.',
  `origin` String COMMENT 'IATA code of the airport of departure.',
  `destination` String COMMENT 'IATA code of the airport of arrival.',
  `departsAt` DateTime64(3, 'UTC') COMMENT 'Scheduled departure.',
  `arrivesAt` DateTime64(3, 'UTC') COMMENT 'Scheduled arrival.',
  `announcedAt` DateTime64(3, 'UTC') COMMENT 'When it came into the timetable.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.',
  `_version` UInt64 COMMENT 'The row with the largest is the latest of its identity.',
  `_deleted` UInt8 COMMENT '1 where the row was retracted.'
)
ENGINE = ReplacingMergeTree(`_version`, `_deleted`)
ORDER BY (`flightId`)
TTL toDateTime(`_writtenAt`) + INTERVAL 34560000 SECOND
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'A departure of the live timetable.';

CREATE VIEW IF NOT EXISTS `aviation`.`schedules_latest` AS
SELECT
  `flightId`,
  `carrier`,
  `flightNumber`,
  `origin`,
  `destination`,
  `departsAt`,
  `arrivesAt`,
  `announcedAt`
FROM `aviation`.`schedules` FINAL;

CREATE TABLE IF NOT EXISTS `aviation`.`us_flights`
(
  `origin` String COMMENT 'IATA code of the airport of departure.',
  `destination` String COMMENT 'IATA code of the airport of arrival.',
  `departedAt` DateTime64(3, 'UTC') COMMENT 'Departure by the clocks at its origin, as if they showed UTC: the source names no zone.',
  `delayMinutes` Int32 COMMENT 'Negative where early.',
  `distanceMiles` Int32 COMMENT 'Between the airports.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.'
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(`departedAt`)
ORDER BY (`departedAt`, `_partition`, `_offset`)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'A flight inside the United States in the first half of 2001, as the sample of three millions has it.';

CREATE DATABASE IF NOT EXISTS `crm`;

CREATE TABLE IF NOT EXISTS `crm`.`consents`
(
  `customerId` String COMMENT 'The customer.',
  `purpose` LowCardinality(String) COMMENT 'What for.',
  `granted` Bool COMMENT 'True where the customer allows it.',
  `changedAt` DateTime64(3, 'UTC') COMMENT 'From when on this answer holds.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.',
  `_version` UInt64 COMMENT 'The row with the largest is the latest of its identity.',
  `_deleted` UInt8 COMMENT '1 where the row was retracted.'
)
ENGINE = ReplacingMergeTree(`_version`, `_deleted`)
ORDER BY (`customerId`, `purpose`)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'What a customer allows or forbids, from `changedAt` on.';

CREATE VIEW IF NOT EXISTS `crm`.`consents_latest` AS
SELECT
  `customerId`,
  `purpose`,
  `granted`,
  `changedAt`
FROM `crm`.`consents` FINAL;

CREATE TABLE IF NOT EXISTS `crm`.`customers`
(
  `customerId` String COMMENT 'The customer.',
  `visitorId` String COMMENT 'The browser or app installation that the customer registered with: links the visits before.',
  `country` String COMMENT 'ISO 3166-1 alpha-2 code of the customer\'s market.',
  `language` String COMMENT 'ISO 639-1 code in which the customer is written to.',
  `email` String COMMENT 'As given at registration, sealed.',
  `name` String COMMENT 'As given at registration, sealed.',
  `address` String COMMENT 'Delivery address, sealed.',
  `status` LowCardinality(String) COMMENT 'CLOSED: the customer closed the account.',
  `change` LowCardinality(String) COMMENT 'What this version is due to.',
  `registeredAt` DateTime64(3, 'UTC') COMMENT 'When the customer registered.',
  `changedAt` DateTime64(3, 'UTC') COMMENT 'From when on this version holds.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.',
  `_version` UInt64 COMMENT 'The row with the largest is the latest of its identity.',
  `_deleted` UInt8 COMMENT '1 where the row was retracted.'
)
ENGINE = ReplacingMergeTree(`_version`, `_deleted`)
ORDER BY (`customerId`)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'A customer, from `changedAt` on. Personal fields are sealed by the producer; subscribe to crm.masked-customers.v1 instead.';

CREATE VIEW IF NOT EXISTS `crm`.`customers_latest` AS
SELECT
  `customerId`,
  `visitorId`,
  `country`,
  `language`,
  `email`,
  `name`,
  `address`,
  `status`,
  `change`,
  `registeredAt`,
  `changedAt`
FROM `crm`.`customers` FINAL;

CREATE TABLE IF NOT EXISTS `crm`.`masked_customers`
(
  `customerId` String COMMENT 'The customer.',
  `visitorId` String COMMENT 'The browser or app installation that the customer registered with: links the visits before.',
  `country` String COMMENT 'ISO 3166-1 alpha-2 code of the customer\'s market.',
  `language` String COMMENT 'ISO 639-1 code in which the customer is written to.',
  `emailPseudonym` Nullable(String) COMMENT 'Stands for the e-mail: equal for equal addresses of one customer, `erased` after an erasure.',
  `city` String COMMENT 'City of the delivery address; `erased` after an erasure.',
  `status` LowCardinality(String) COMMENT 'CLOSED: the customer closed the account.',
  `change` LowCardinality(String) COMMENT 'What this version is due to.',
  `registeredAt` DateTime64(3, 'UTC') COMMENT 'When the customer registered.',
  `changedAt` DateTime64(3, 'UTC') COMMENT 'From when on this version holds.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.',
  `_version` UInt64 COMMENT 'The row with the largest is the latest of its identity.',
  `_deleted` UInt8 COMMENT '1 where the row was retracted.'
)
ENGINE = ReplacingMergeTree(`_version`, `_deleted`)
ORDER BY (`customerId`)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'A customer, from `changedAt` on. Personal fields are masked.';

CREATE VIEW IF NOT EXISTS `crm`.`masked_customers_latest` AS
SELECT
  `customerId`,
  `visitorId`,
  `country`,
  `language`,
  `emailPseudonym`,
  `city`,
  `status`,
  `change`,
  `registeredAt`,
  `changedAt`
FROM `crm`.`masked_customers` FINAL;

CREATE TABLE IF NOT EXISTS `crm`.`order_lines`
(
  `orderId` String COMMENT 'The order.',
  `lineNumber` Int32 COMMENT 'Place in the order, from 1.',
  `customerId` String COMMENT 'Who ordered.',
  `country` String COMMENT 'ISO 3166-1 alpha-2 code of the customer\'s market.',
  `productId` String COMMENT 'The product.',
  `category` String COMMENT 'Its category.',
  `quantity` Int32 COMMENT 'Pieces.',
  `unitPrice` Decimal(18, 2) COMMENT 'Price of one piece as charged, in `currency`.',
  `listPrice` Decimal(18, 2) COMMENT 'Price of one piece before promotions, in `currency`.',
  `currency` String COMMENT 'ISO 4217 code.',
  `promotionId` Nullable(String) COMMENT 'The promotion that reduced the price.',
  `placedAt` DateTime64(3, 'UTC') COMMENT 'When the order was paid for.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.'
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(`placedAt`)
ORDER BY (`placedAt`, `_partition`, `_offset`)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'A line of an order, as it was placed.';

CREATE TABLE IF NOT EXISTS `crm`.`orders`
(
  `eventId` String COMMENT 'Order and status: unique per event.',
  `orderId` String COMMENT 'The order, as in shop.purchases.v1.',
  `customerId` String COMMENT 'Who ordered.',
  `country` String COMMENT 'ISO 3166-1 alpha-2 code of the customer\'s market.',
  `status` LowCardinality(String) COMMENT 'What the order is from `changedAt` on.',
  `amount` Decimal(18, 2) COMMENT 'Total paid, tax included, in `currency`.',
  `currency` String COMMENT 'ISO 4217 code.',
  `items` Int32 COMMENT 'Pieces in the order.',
  `code` Nullable(String) COMMENT 'Discount code that the customer typed.',
  `placedAt` DateTime64(3, 'UTC') COMMENT 'When it was paid for.',
  `changedAt` DateTime64(3, 'UTC') COMMENT 'When the status changed.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.'
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(`changedAt`)
ORDER BY (`changedAt`, `_partition`, `_offset`)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'A step in the life of an order: one event per change of its status.';

CREATE DATABASE IF NOT EXISTS `electronics`;

CREATE TABLE IF NOT EXISTS `electronics`.`interactions`
(
  `interactionId` String COMMENT 'Unique per interaction.',
  `type` LowCardinality(String) COMMENT 'What the visitor did.',
  `sessionId` String COMMENT 'One visit.',
  `userId` String COMMENT 'The browser or app installation.',
  `productId` Nullable(String) COMMENT 'The product looked at or clicked.',
  `page` Nullable(String) COMMENT 'Path of the page.',
  `orderId` Nullable(String) COMMENT 'The order that a purchase pays.',
  `amount` Nullable(Decimal(18, 2)) COMMENT 'Total of a purchase, in the currency of the order; the log names none.',
  `occurredAt` DateTime64(3, 'UTC') COMMENT 'When, by the shop\'s clock.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.'
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(`occurredAt`)
ORDER BY (`occurredAt`, `_partition`, `_offset`)
TTL toDateTime(`_writtenAt`) + INTERVAL 34560000 SECOND
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'An entry of the interaction log that the electronics shop drops into its staging folder.';

CREATE TABLE IF NOT EXISTS `electronics`.`order_rows`
(
  `orderId` String COMMENT 'The order.',
  `customerId` String COMMENT 'Who ordered.',
  `productId` String COMMENT 'The product.',
  `category` String COMMENT 'Its category.',
  `quantity` Int32 COMMENT 'Pieces.',
  `price` Decimal(18, 2) COMMENT 'Price of one piece as charged, in `currency`.',
  `currency` String COMMENT 'ISO 4217 code.',
  `orderedAt` DateTime64(3, 'UTC') COMMENT 'When the order was paid for.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.'
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(`orderedAt`)
ORDER BY (`orderedAt`, `_partition`, `_offset`)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'A row of the orders that the electronics shop drops into its staging folder: one per product of an order.';

CREATE DATABASE IF NOT EXISTS `governance`;

CREATE TABLE IF NOT EXISTS `governance`.`audit`
(
  `eventId` String COMMENT 'Unique per event; a repeated one is the same event told twice.',
  `action` String COMMENT 'What happened: `token.created`, `token.revoked`, `token.refused`.',
  `subject` String COMMENT 'What it is about: the id of the token, as `kappa api token list` shows it; `unknown` where what was given is no token, or of so many others that they were counted together.',
  `name` Nullable(String) COMMENT 'Who the token was made for; null where the token is not known.',
  `actor` Nullable(String) COMMENT 'Account on the machine whose command it was; null for refused uses, of which only the token is known.',
  `scopes` Array(String) COMMENT 'Scopes of the token; of a refused use the one that was wanted.',
  `reason` Nullable(String) COMMENT 'Why it was refused: `unknown` (never made, revoked, or another secret), `expired`, `scope`.',
  `path` Nullable(String) COMMENT 'What was asked for, as the API\'s document names it.',
  `times` Int32 COMMENT 'How often: refused uses of the same kind are counted together for some seconds.',
  `occurredAt` DateTime64(3, 'UTC') COMMENT 'When; of several the first.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.'
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(`occurredAt`)
ORDER BY (`occurredAt`, `_partition`, `_offset`)
TTL toDateTime(`_writtenAt`) + INTERVAL 95040000 SECOND
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Something that decided who may read what, or that was refused: so far tokens of the API, made, revoked and refused. Never a token or its secret.';

CREATE DATABASE IF NOT EXISTS `influencers`;

CREATE TABLE IF NOT EXISTS `influencers`.`codes`
(
  `code` String COMMENT 'As customers type it.',
  `influencerId` String COMMENT 'Whose code it is.',
  `discountPercent` Int32 COMMENT 'What it takes off an order.',
  `validFrom` DateTime64(3, 'UTC') COMMENT 'From when on it can be used.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.',
  `_version` UInt64 COMMENT 'The row with the largest is the latest of its identity.',
  `_deleted` UInt8 COMMENT '1 where the row was retracted.'
)
ENGINE = ReplacingMergeTree(`_version`, `_deleted`)
ORDER BY (`code`)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'A discount code that an influencer gives to followers.';

CREATE VIEW IF NOT EXISTS `influencers`.`codes_latest` AS
SELECT
  `code`,
  `influencerId`,
  `discountPercent`,
  `validFrom`
FROM `influencers`.`codes` FINAL;

CREATE TABLE IF NOT EXISTS `influencers`.`fees`
(
  `feeId` String COMMENT 'The fee.',
  `influencerId` String COMMENT 'Who is paid.',
  `kind` LowCardinality(String) COMMENT 'What for.',
  `postId` Nullable(String) COMMENT 'The post paid for.',
  `orderId` Nullable(String) COMMENT 'The order that the share is of.',
  `amount` Decimal(18, 2) COMMENT 'In euros.',
  `bookedAt` DateTime64(3, 'UTC') COMMENT 'When it was booked.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.'
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(`bookedAt`)
ORDER BY (`bookedAt`, `_partition`, `_offset`)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'What an influencer is paid: a sum for a post, or a share of an order placed with the code.';

CREATE TABLE IF NOT EXISTS `influencers`.`influencers`
(
  `influencerId` String COMMENT 'The influencer, as the agency numbers them.',
  `platform` LowCardinality(String) COMMENT 'Where they post.',
  `country` String COMMENT 'Market of most followers, ISO 3166-1 alpha-2.',
  `category` String COMMENT 'The category of the shop that they speak of.',
  `followers` Int64 COMMENT 'People who follow them.',
  `validFrom` DateTime64(3, 'UTC') COMMENT 'From when on this row holds.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.',
  `_version` UInt64 COMMENT 'The row with the largest is the latest of its identity.',
  `_deleted` UInt8 COMMENT '1 where the row was retracted.'
)
ENGINE = ReplacingMergeTree(`_version`, `_deleted`)
ORDER BY (`influencerId`)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Somebody who is paid for posts about the shop; names stay with the agency.';

CREATE VIEW IF NOT EXISTS `influencers`.`influencers_latest` AS
SELECT
  `influencerId`,
  `platform`,
  `country`,
  `category`,
  `followers`,
  `validFrom`
FROM `influencers`.`influencers` FINAL;

CREATE TABLE IF NOT EXISTS `influencers`.`posts`
(
  `postId` String COMMENT 'The post.',
  `influencerId` String COMMENT 'Who posted.',
  `code` String COMMENT 'The discount code in it.',
  `reach` Int64 COMMENT 'People who saw it, as the platform reports.',
  `publishedAt` DateTime64(3, 'UTC') COMMENT 'When it was published.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.'
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(`publishedAt`)
ORDER BY (`publishedAt`, `_partition`, `_offset`)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'An influencer published a post about the shop.';

CREATE TABLE IF NOT EXISTS `influencers`.`redemptions`
(
  `redemptionId` String COMMENT 'The redemption.',
  `code` String COMMENT 'The code typed.',
  `orderId` String COMMENT 'The order it was used with.',
  `customerId` String COMMENT 'Who used it.',
  `discount` Decimal(18, 2) COMMENT 'What it took off, in `currency`.',
  `currency` String COMMENT 'ISO 4217 code.',
  `redeemedAt` DateTime64(3, 'UTC') COMMENT 'When the order was placed.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.'
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(`redeemedAt`)
ORDER BY (`redeemedAt`, `_partition`, `_offset`)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'A discount code was used with an order.';

CREATE DATABASE IF NOT EXISTS `inventory`;

CREATE TABLE IF NOT EXISTS `inventory`.`catalogue_items`
(
  `productId` String COMMENT 'The product, as in shop.* and crm.*.',
  `name` String COMMENT 'As customers read it.',
  `category` String COMMENT 'Its category.',
  `listPrice` Decimal(18, 2) COMMENT 'Price in euros before promotions, tax included.',
  `unitCost` Decimal(18, 2) COMMENT 'What the supplier charges for one piece, in euros.',
  `supplier` String COMMENT 'Who supplies it.',
  `warehouse` String COMMENT 'Where it is stored.',
  `validFrom` DateTime64(3, 'UTC') COMMENT 'From when on this row holds.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.',
  `_version` UInt64 COMMENT 'The row with the largest is the latest of its identity.',
  `_deleted` UInt8 COMMENT '1 where the row was retracted.'
)
ENGINE = ReplacingMergeTree(`_version`, `_deleted`)
ORDER BY (`productId`)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'A product of the shop, as sold from `validFrom` on.';

CREATE VIEW IF NOT EXISTS `inventory`.`catalogue_items_latest` AS
SELECT
  `productId`,
  `name`,
  `category`,
  `listPrice`,
  `unitCost`,
  `supplier`,
  `warehouse`,
  `validFrom`
FROM `inventory`.`catalogue_items` FINAL;

CREATE TABLE IF NOT EXISTS `inventory`.`stock_alerts`
(
  `productId` String COMMENT 'The product.',
  `warehouse` String COMMENT 'The warehouse.',
  `state` LowCardinality(String) COMMENT 'BELOW: at the reorder point or under it.',
  `units` Int32 COMMENT 'Pieces there.',
  `reorderPoint` Int32 COMMENT 'Pieces at which to order.',
  `dailyDemand` Float64 COMMENT 'Pieces that leave on a day, over the last 28 days.',
  `changedAt` DateTime64(3, 'UTC') COMMENT 'The movement that made it so.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.',
  `_version` UInt64 COMMENT 'The row with the largest is the latest of its identity.',
  `_deleted` UInt8 COMMENT '1 where the row was retracted.'
)
ENGINE = ReplacingMergeTree(`_version`, `_deleted`)
PARTITION BY toYYYYMM(`changedAt`)
ORDER BY (`productId`, `changedAt`)
TTL toDateTime(`_writtenAt`) + INTERVAL 34560000 SECOND
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'A product fell to its reorder point or below, or came back above it: its latest row says how it stands.';

CREATE VIEW IF NOT EXISTS `inventory`.`stock_alerts_latest` AS
SELECT
  `productId`,
  `warehouse`,
  `state`,
  `units`,
  `reorderPoint`,
  `dailyDemand`,
  `changedAt`
FROM `inventory`.`stock_alerts` FINAL;

CREATE TABLE IF NOT EXISTS `inventory`.`stock_levels`
(
  `productId` String COMMENT 'The product.',
  `warehouse` String COMMENT 'The warehouse.',
  `units` Int32 COMMENT 'Pieces: the sum of all movements before.',
  `countedAt` DateTime64(3, 'UTC') COMMENT 'When they were counted.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.',
  `_version` UInt64 COMMENT 'The row with the largest is the latest of its identity.',
  `_deleted` UInt8 COMMENT '1 where the row was retracted.'
)
ENGINE = ReplacingMergeTree(`_version`, `_deleted`)
PARTITION BY toYYYYMM(`countedAt`)
ORDER BY (`productId`, `countedAt`)
TTL toDateTime(`_writtenAt`) + INTERVAL 34560000 SECOND
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Pieces of a product in a warehouse, as counted.';

CREATE VIEW IF NOT EXISTS `inventory`.`stock_levels_latest` AS
SELECT
  `productId`,
  `warehouse`,
  `units`,
  `countedAt`
FROM `inventory`.`stock_levels` FINAL;

CREATE TABLE IF NOT EXISTS `inventory`.`stock_movements`
(
  `movementId` String COMMENT 'The movement.',
  `productId` String COMMENT 'The product.',
  `warehouse` String COMMENT 'The warehouse.',
  `reason` LowCardinality(String) COMMENT 'OPENING: counted when the world began; RECEIPT: from the supplier; WRITE_OFF: damaged, or more than there is room for.',
  `quantity` Int32 COMMENT 'Pieces: positive where they came in.',
  `orderId` Nullable(String) COMMENT 'The order that it belongs to.',
  `movedAt` DateTime64(3, 'UTC') COMMENT 'When.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.'
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(`movedAt`)
ORDER BY (`movedAt`, `_partition`, `_offset`)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Pieces of a product came into a warehouse or left it.';

CREATE DATABASE IF NOT EXISTS `marketing`;

CREATE TABLE IF NOT EXISTS `marketing`.`customer_touches`
(
  `touchId` String COMMENT 'As in marketing.touches.v1, or `code:` and the redemption.',
  `customerId` String COMMENT 'The customer.',
  `visitorId` Nullable(String) COMMENT 'The browser or app installation; null for a code.',
  `channel` LowCardinality(String) COMMENT 'What led here.',
  `campaignId` Nullable(String) COMMENT 'The campaign of a click on an advertisement.',
  `code` Nullable(String) COMMENT 'The discount code redeemed.',
  `influencerId` Nullable(String) COMMENT 'Whose code it is; null where no table says, and for other touches.',
  `touchedAt` DateTime64(3, 'UTC') COMMENT 'When.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.'
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(`touchedAt`)
ORDER BY (`touchedAt`, `_partition`, `_offset`)
TTL toDateTime(`_writtenAt`) + INTERVAL 34560000 SECOND
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'A touch of somebody known as a customer, the visits before they were known included, or a discount code of an influencer.';

CREATE TABLE IF NOT EXISTS `marketing`.`identities`
(
  `visitorId` String COMMENT 'The browser or app installation, known before anybody signs in.',
  `customerId` String COMMENT 'The customer who signed in or paid.',
  `evidence` LowCardinality(String) COMMENT 'What told it.',
  `sessionId` String COMMENT 'The visit in which it was told.',
  `linkedAt` DateTime64(3, 'UTC') COMMENT 'When it was told.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.',
  `_version` UInt64 COMMENT 'The row with the largest is the latest of its identity.',
  `_deleted` UInt8 COMMENT '1 where the row was retracted.'
)
ENGINE = ReplacingMergeTree(`_version`, `_deleted`)
ORDER BY (`visitorId`)
TTL toDateTime(`_writtenAt`) + INTERVAL 34560000 SECOND
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Who a visitor turned out to be: from `linkedAt` on, and for the touches before that nobody else was known for.';

CREATE VIEW IF NOT EXISTS `marketing`.`identities_latest` AS
SELECT
  `visitorId`,
  `customerId`,
  `evidence`,
  `sessionId`,
  `linkedAt`
FROM `marketing`.`identities` FINAL;

CREATE TABLE IF NOT EXISTS `marketing`.`order_touches`
(
  `orderId` String COMMENT 'The order, as in crm.orders.v1.',
  `touchNumber` Int32 COMMENT 'Place among the order\'s touches by time, from 1.',
  `touches` Int32 COMMENT 'How many touches the order has.',
  `customerId` String COMMENT 'Who ordered.',
  `country` String COMMENT 'ISO 3166-1 alpha-2 code of the market.',
  `currency` String COMMENT 'ISO 4217 code.',
  `amount` Decimal(18, 2) COMMENT 'Total paid for the order, tax included, in `currency`.',
  `touchId` String COMMENT 'The touch, as in marketing.customer-touches.v1.',
  `channel` LowCardinality(String) COMMENT 'What led here.',
  `campaignId` Nullable(String) COMMENT 'The campaign of a click on an advertisement.',
  `influencerId` Nullable(String) COMMENT 'Whose code it is.',
  `firstTouchWeight` Decimal(10, 9) COMMENT 'All to the first touch: share of exactly 1 over the touches of an order.',
  `lastTouchWeight` Decimal(10, 9) COMMENT 'All to the last touch: share of exactly 1 over the touches of an order.',
  `linearWeight` Decimal(10, 9) COMMENT 'Equal shares: share of exactly 1 over the touches of an order.',
  `timeDecayWeight` Decimal(10, 9) COMMENT 'Half as much for each seven days before the order: share of exactly 1 over the touches of an order.',
  `firstTouchAmount` Decimal(18, 2) COMMENT 'The amount by that share, in `currency`; over the touches of an order it adds up to `amount`, to the cent.',
  `lastTouchAmount` Decimal(18, 2) COMMENT 'The amount by that share, in `currency`; over the touches of an order it adds up to `amount`, to the cent.',
  `linearAmount` Decimal(18, 2) COMMENT 'The amount by that share, in `currency`; over the touches of an order it adds up to `amount`, to the cent.',
  `timeDecayAmount` Decimal(18, 2) COMMENT 'The amount by that share, in `currency`; over the touches of an order it adds up to `amount`, to the cent.',
  `touchedAt` DateTime64(3, 'UTC') COMMENT 'When the touch was.',
  `placedAt` DateTime64(3, 'UTC') COMMENT 'When the order was paid for.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.',
  `_version` UInt64 COMMENT 'The row with the largest is the latest of its identity.',
  `_deleted` UInt8 COMMENT '1 where the row was retracted.'
)
ENGINE = ReplacingMergeTree(`_version`, `_deleted`)
ORDER BY (`orderId`, `touchNumber`)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'A touch within thirty days before an order of the same customer, with its share in the order by four models of attribution. Published again, whole, when a touch comes late.';

CREATE VIEW IF NOT EXISTS `marketing`.`order_touches_latest` AS
SELECT
  `orderId`,
  `touchNumber`,
  `touches`,
  `customerId`,
  `country`,
  `currency`,
  `amount`,
  `touchId`,
  `channel`,
  `campaignId`,
  `influencerId`,
  `firstTouchWeight`,
  `lastTouchWeight`,
  `linearWeight`,
  `timeDecayWeight`,
  `firstTouchAmount`,
  `lastTouchAmount`,
  `linearAmount`,
  `timeDecayAmount`,
  `touchedAt`,
  `placedAt`
FROM `marketing`.`order_touches` FINAL;

CREATE TABLE IF NOT EXISTS `marketing`.`touches`
(
  `touchId` String COMMENT '`click:` and the click, or `visit:` and the session.',
  `visitorId` String COMMENT 'The browser or app installation, known before anybody signs in.',
  `customerId` Nullable(String) COMMENT 'The customer that the visitor is known to be; null while nobody knows.',
  `channel` LowCardinality(String) COMMENT 'What led here; INFLUENCER stands with the customer alone, in marketing.customer-touches.v1.',
  `campaignId` Nullable(String) COMMENT 'The campaign of a click on an advertisement.',
  `sessionId` Nullable(String) COMMENT 'The visit; null for a click.',
  `referrer` Nullable(String) COMMENT 'Host name that led here, where it is known.',
  `country` String COMMENT 'ISO 3166-1 alpha-2 code of the market.',
  `touchedAt` DateTime64(3, 'UTC') COMMENT 'When: the click, or the first page of the visit.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.',
  `_version` UInt64 COMMENT 'The row with the largest is the latest of its identity.',
  `_deleted` UInt8 COMMENT '1 where the row was retracted.'
)
ENGINE = ReplacingMergeTree(`_version`, `_deleted`)
ORDER BY (`touchId`)
TTL toDateTime(`_writtenAt`) + INTERVAL 34560000 SECOND
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'A visitor came into touch with the shop: by a click on an advertisement, or by a visit of which advertising knows nothing. Published again, with the customer, when the visitor is first known to be one.';

CREATE VIEW IF NOT EXISTS `marketing`.`touches_latest` AS
SELECT
  `touchId`,
  `visitorId`,
  `customerId`,
  `channel`,
  `campaignId`,
  `sessionId`,
  `referrer`,
  `country`,
  `touchedAt`
FROM `marketing`.`touches` FINAL;

CREATE TABLE IF NOT EXISTS `marketing`.`visitor_clicks`
(
  `clickId` String COMMENT 'Unique per click.',
  `visitorId` String COMMENT 'The browser or app installation, known before anybody signs in.',
  `channel` LowCardinality(String) COMMENT 'Where it was shown.',
  `campaignId` String COMMENT 'The campaign.',
  `country` String COMMENT 'ISO 3166-1 alpha-2 code of the market.',
  `clickedAt` DateTime64(3, 'UTC') COMMENT 'When it was clicked.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.'
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(`clickedAt`)
ORDER BY (`clickedAt`, `_partition`, `_offset`)
TTL toDateTime(`_writtenAt`) + INTERVAL 34560000 SECOND
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'A click on an advertisement, by the visitor who landed with it: ads.ad-clicks.v1 under another key.';

CREATE DATABASE IF NOT EXISTS `operations`;

CREATE TABLE IF NOT EXISTS `operations`.`flow_runs`
(
  `eventId` String COMMENT 'Flow, moment, try of the run, step, try of the step, start or end: unique.',
  `flow` String COMMENT 'The flow, by its name in deploy/flows.yml.',
  `date` String COMMENT 'The day that the run is about, which its commands are given.',
  `scheduledAt` DateTime64(3, 'UTC') COMMENT 'The moment that the run is for.',
  `trigger` LowCardinality(String) COMMENT 'By its time, for a time that passed, again because it was killed or stopped, or because somebody asked.',
  `runAttempt` Int32 COMMENT 'Which run for this moment it is, from 1.',
  `afresh` Bool COMMENT 'True where steps that had succeeded in earlier runs for this moment are run again.',
  `step` Nullable(String) COMMENT 'The step; null: the run as a whole.',
  `attempt` Int32 COMMENT 'Which try of the step in this run it is, from 1; 0 for the run as a whole.',
  `kind` LowCardinality(String) COMMENT 'Start or end.',
  `outcome` LowCardinality(Nullable(String)) COMMENT 'How it ended.',
  `exitCode` Nullable(Int32) COMMENT 'Of the command; null where it was ended by a signal.',
  `seconds` Nullable(Float64) COMMENT 'How long it took.',
  `reason` Nullable(String) COMMENT 'Why it failed, as far as its last lines tell.',
  `at` DateTime64(3, 'UTC') COMMENT 'When.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.'
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(`at`)
ORDER BY (`at`, `_partition`, `_offset`)
TTL toDateTime(`_writtenAt`) + INTERVAL 34560000 SECOND
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'The start or the end of a flow\'s run, or of one try of one of its steps.';

CREATE TABLE IF NOT EXISTS `operations`.`quality`
(
  `source` String COMMENT 'The system that the records came from.',
  `topic` String COMMENT 'The raw topic that they stand on.',
  `windowStart` DateTime64(3, 'UTC') COMMENT 'Start of the hour of their event times, inclusive.',
  `windowEnd` DateTime64(3, 'UTC') COMMENT 'End of that hour, exclusive.',
  `records` Int64 COMMENT 'Records that came, duplicates among them.',
  `duplicates` Int64 COMMENT 'Those that repeat a record of the same system.',
  `elsewhere` Int64 COMMENT 'Those whose facts another system had told before.',
  `wantedCells` Int64 COMMENT 'Cells that they should have filled.',
  `missingCells` Int64 COMMENT 'Of these, the empty ones.',
  `flaggedRecords` Int64 COMMENT 'Records with a finding other than a missing cell.',
  `outliers` Int64 COMMENT 'Records with a value out of the ordinary.',
  `unknowns` Int64 COMMENT 'Records that refer to something that has no row, or is on no list.',
  `completeness` Float64 COMMENT 'Share of wanted cells that are filled.',
  `uniqueness` Float64 COMMENT 'Share of records that are no duplicates.',
  `validity` Float64 COMMENT 'Share of records without such a finding.',
  `meanAgeSeconds` Float64 COMMENT 'Freshness: from event time to record time, on average.',
  `maxAgeSeconds` Int64 COMMENT 'The same of the oldest one.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.',
  `_version` UInt64 COMMENT 'The row with the largest is the latest of its identity.',
  `_deleted` UInt8 COMMENT '1 where the row was retracted.'
)
ENGINE = ReplacingMergeTree(`_version`, `_deleted`)
PARTITION BY toYYYYMM(`windowStart`)
ORDER BY (`source`, `topic`, `windowStart`)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Completeness, uniqueness, validity and freshness of what a system delivered, by hour of event time. Made of silver.* topics.';

CREATE VIEW IF NOT EXISTS `operations`.`quality_latest` AS
SELECT
  `source`,
  `topic`,
  `windowStart`,
  `windowEnd`,
  `records`,
  `duplicates`,
  `elsewhere`,
  `wantedCells`,
  `missingCells`,
  `flaggedRecords`,
  `outliers`,
  `unknowns`,
  `completeness`,
  `uniqueness`,
  `validity`,
  `meanAgeSeconds`,
  `maxAgeSeconds`
FROM `operations`.`quality` FINAL;

CREATE TABLE IF NOT EXISTS `operations`.`row_deletions`
(
  `eventId` String COMMENT 'Source, table, key and moment: unique.',
  `source` String COMMENT 'The source, by its name in deploy/sources/sql.yml.',
  `table` String COMMENT 'The table, as the source names it.',
  `topic` String COMMENT 'Where the row\'s own events are.',
  `rowKey` String COMMENT 'The values of the row\'s key columns, as a JSON array of texts.',
  `lastSeenAt` Nullable(DateTime64(3, 'UTC')) COMMENT 'When keys were compared before: the row was deleted after that, or after it was read later.',
  `noticedAt` DateTime64(3, 'UTC') COMMENT 'When it was found to be gone.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.'
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(`noticedAt`)
ORDER BY (`noticedAt`, `_partition`, `_offset`)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'A row that a database does not have any more, as `kappa ingest sql` noticed when it compared keys.';

CREATE DATABASE IF NOT EXISTS `retail`;

CREATE TABLE IF NOT EXISTS `retail`.`basket_products`
(
  `productId` Int64 COMMENT 'The product.',
  `basketId` Int64 COMMENT 'The basket: one trip through one till.',
  `householdId` Int64 COMMENT 'The household that bought.',
  `others` Array(Int64) COMMENT 'The other products of the basket, each once, ascending; of a basket of more than 250 products those among its first 250 by number.',
  `purchasedAt` DateTime64(3, 'UTC') COMMENT 'When the basket\'s first line was bought.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.',
  `_version` UInt64 COMMENT 'The row with the largest is the latest of its identity.',
  `_deleted` UInt8 COMMENT '1 where the row was retracted.'
)
ENGINE = ReplacingMergeTree(`_version`, `_deleted`)
PARTITION BY toYYYYMM(`purchasedAt`)
ORDER BY (`basketId`, `productId`, `purchasedAt`)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'A product in a basket that is complete, with the other products of it; what related products are counted from. Lines without a quantity above zero are left out.';

CREATE VIEW IF NOT EXISTS `retail`.`basket_products_latest` AS
SELECT
  `productId`,
  `basketId`,
  `householdId`,
  `others`,
  `purchasedAt`
FROM `retail`.`basket_products` FINAL;

CREATE TABLE IF NOT EXISTS `retail`.`campaign_mailings`
(
  `householdId` Int64 COMMENT 'The household.',
  `campaignId` Int64 COMMENT 'The campaign.',
  `validFrom` DateTime64(3, 'UTC') COMMENT 'From when on this row holds.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.'
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(`validFrom`)
ORDER BY (`validFrom`, `_partition`, `_offset`)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'A household is sent a campaign.';

CREATE TABLE IF NOT EXISTS `retail`.`campaigns`
(
  `campaignId` Int64 COMMENT 'The campaign.',
  `type` String COMMENT '`Type A`, `Type B` or `Type C`.',
  `startDate` Date32 COMMENT 'First day on which its coupons are valid.',
  `endDate` Date32 COMMENT 'Last day on which its coupons are valid.',
  `validFrom` DateTime64(3, 'UTC') COMMENT 'From when on this row holds.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.',
  `_version` UInt64 COMMENT 'The row with the largest is the latest of its identity.',
  `_deleted` UInt8 COMMENT '1 where the row was retracted.'
)
ENGINE = ReplacingMergeTree(`_version`, `_deleted`)
ORDER BY (`campaignId`)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'A marketing campaign by mail.';

CREATE VIEW IF NOT EXISTS `retail`.`campaigns_latest` AS
SELECT
  `campaignId`,
  `type`,
  `startDate`,
  `endDate`,
  `validFrom`
FROM `retail`.`campaigns` FINAL;

CREATE TABLE IF NOT EXISTS `retail`.`churn_models`
(
  `modelVersion` String COMMENT 'Digest of what it was trained on and came to.',
  `lines` Int64 COMMENT 'Purchase lines that were read.',
  `snapshots` Int32 COMMENT 'Instants, 28 days apart, at which households were looked at.',
  `rows` Int64 COMMENT 'Households at these instants.',
  `churned` Int64 COMMENT 'Of them, those that bought nothing in the 28 days after.',
  `features` Array(String) COMMENT 'What is looked at, in order.',
  `coefficients` Array(Float64) COMMENT 'Of the features, each less its mean and by its deviation.',
  `intercept` Float64 COMMENT 'Log odds of a household of mean features.',
  `heldOut` Int64 COMMENT 'Households of the two latest periods that it was measured on; 0: there was too little before them.',
  `auc` Nullable(Float64) COMMENT 'Chance that one that churned scores above one that did not.',
  `lift` Nullable(Float64) COMMENT 'Churn among the tenth with the highest scores, by that of all.',
  `calibrationError` Nullable(Float64) COMMENT 'Mean distance of foreseen and real churn over tenths by score.',
  `rfmAuc` Nullable(Float64) COMMENT 'The same of a plain RFM rule.',
  `rfmLift` Nullable(Float64) COMMENT 'The same of a plain RFM rule.',
  `rfmCalibrationError` Nullable(Float64) COMMENT 'The same of a plain RFM rule.',
  `asOf` DateTime64(3, 'UTC') COMMENT 'It knows purchases before this instant.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.',
  `_version` UInt64 COMMENT 'The row with the largest is the latest of its identity.',
  `_deleted` UInt8 COMMENT '1 where the row was retracted.'
)
ENGINE = ReplacingMergeTree(`_version`, `_deleted`)
ORDER BY (`modelVersion`)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'A model of which households stop buying (logistic regression), trained by `kappa train churn`, with how well its like, trained on earlier months alone, told the two latest periods of 28 days, beside a plain RFM rule.';

CREATE VIEW IF NOT EXISTS `retail`.`churn_models_latest` AS
SELECT
  `modelVersion`,
  `lines`,
  `snapshots`,
  `rows`,
  `churned`,
  `features`,
  `coefficients`,
  `intercept`,
  `heldOut`,
  `auc`,
  `lift`,
  `calibrationError`,
  `rfmAuc`,
  `rfmLift`,
  `rfmCalibrationError`,
  `asOf`
FROM `retail`.`churn_models` FINAL;

CREATE TABLE IF NOT EXISTS `retail`.`churn_scores`
(
  `householdId` Int64 COMMENT 'The household.',
  `modelVersion` String COMMENT 'The model, as in retail.churn-models.v1.',
  `probability` Float64 COMMENT 'That it buys nothing in the 28 days from `asOf` on.',
  `recencyDays` Float64 COMMENT 'Days since its latest basket.',
  `baskets28` Int32 COMMENT 'Baskets of the last 28 days.',
  `baskets90` Int32 COMMENT 'Baskets of the last 90 days.',
  `spend90` Decimal(18, 2) COMMENT 'What it paid in them, in US dollars.',
  `asOf` DateTime64(3, 'UTC') COMMENT 'The score knows purchases before this instant.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.',
  `_version` UInt64 COMMENT 'The row with the largest is the latest of its identity.',
  `_deleted` UInt8 COMMENT '1 where the row was retracted.'
)
ENGINE = ReplacingMergeTree(`_version`, `_deleted`)
ORDER BY (`householdId`, `modelVersion`)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'How likely a household that bought in the 90 days before `asOf` is to buy nothing in the 28 days after it.';

CREATE VIEW IF NOT EXISTS `retail`.`churn_scores_latest` AS
SELECT
  `householdId`,
  `modelVersion`,
  `probability`,
  `recencyDays`,
  `baskets28`,
  `baskets90`,
  `spend90`,
  `asOf`
FROM `retail`.`churn_scores` FINAL;

CREATE TABLE IF NOT EXISTS `retail`.`coupon_redemptions`
(
  `householdId` Int64 COMMENT 'The household.',
  `couponUpc` Int64 COMMENT 'Universal product code of the coupon.',
  `campaignId` Int64 COMMENT 'The campaign that sent it.',
  `redeemedOn` Date32 COMMENT 'The day, in the stores\' time zone.',
  `redeemedAt` DateTime64(3, 'UTC') COMMENT 'Midnight at the start of that day, New York time.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.'
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(`redeemedAt`)
ORDER BY (`redeemedAt`, `_partition`, `_offset`)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'A household redeemed a coupon of a campaign; the source knows the day, not the minute.';

CREATE TABLE IF NOT EXISTS `retail`.`coupons`
(
  `couponUpc` Int64 COMMENT 'Universal product code of the coupon.',
  `productId` Int64 COMMENT 'A product that it is good for.',
  `campaignId` Int64 COMMENT 'The campaign that sends it.',
  `validFrom` DateTime64(3, 'UTC') COMMENT 'From when on this row holds.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.'
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(`validFrom`)
ORDER BY (`validFrom`, `_partition`, `_offset`)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'A coupon of a campaign is good for a product.';

CREATE TABLE IF NOT EXISTS `retail`.`household_segments`
(
  `householdId` Int64 COMMENT 'The household.',
  `modelVersion` String COMMENT 'The model, as in retail.segment-models.v1.',
  `segment` String COMMENT '`core` pays most, `occasional` least; between them `stock-up` pays more a basket, `top-up` less.',
  `distance` Float64 COMMENT 'From the segment\'s centre, in standard deviations.',
  `rfmSegment` String COMMENT 'The segment that gold.dim_rfm\'s rule gives it among the households of `asOf`: by fifths of recency and of baskets.',
  `recencyDays` Float64 COMMENT 'Days since its latest basket.',
  `baskets90` Int32 COMMENT 'Baskets of the last 90 days.',
  `spend90` Decimal(18, 2) COMMENT 'What it paid in them, in US dollars.',
  `products90` Int32 COMMENT 'Different products in them.',
  `asOf` DateTime64(3, 'UTC') COMMENT 'The segment knows purchases before this instant.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.',
  `_version` UInt64 COMMENT 'The row with the largest is the latest of its identity.',
  `_deleted` UInt8 COMMENT '1 where the row was retracted.'
)
ENGINE = ReplacingMergeTree(`_version`, `_deleted`)
ORDER BY (`householdId`, `modelVersion`)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'The segment of a household that bought in the 90 days before `asOf`, by a model of what households buy.';

CREATE VIEW IF NOT EXISTS `retail`.`household_segments_latest` AS
SELECT
  `householdId`,
  `modelVersion`,
  `segment`,
  `distance`,
  `rfmSegment`,
  `recencyDays`,
  `baskets90`,
  `spend90`,
  `products90`,
  `asOf`
FROM `retail`.`household_segments` FINAL;

CREATE TABLE IF NOT EXISTS `retail`.`households`
(
  `householdId` Int64 COMMENT 'The household.',
  `age` Nullable(String) COMMENT 'Age band, e.g. `45-54`.',
  `income` Nullable(String) COMMENT 'Income band in thousand US dollars, e.g. `50-74K`.',
  `homeOwnership` Nullable(String) COMMENT 'Owner or renter.',
  `maritalStatus` Nullable(String) COMMENT 'Married or unmarried.',
  `householdSize` Nullable(String) COMMENT 'People in the household, `5+` at most.',
  `householdComposition` Nullable(String) COMMENT 'Adults and children in words.',
  `kidsCount` Nullable(String) COMMENT 'Children, `3+` at most.',
  `validFrom` DateTime64(3, 'UTC') COMMENT 'From when on this row holds.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.',
  `_version` UInt64 COMMENT 'The row with the largest is the latest of its identity.',
  `_deleted` UInt8 COMMENT '1 where the row was retracted.'
)
ENGINE = ReplacingMergeTree(`_version`, `_deleted`)
ORDER BY (`householdId`)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Demographics of a household that shared them; every answer may be missing.';

CREATE VIEW IF NOT EXISTS `retail`.`households_latest` AS
SELECT
  `householdId`,
  `age`,
  `income`,
  `homeOwnership`,
  `maritalStatus`,
  `householdSize`,
  `householdComposition`,
  `kidsCount`,
  `validFrom`
FROM `retail`.`households` FINAL;

CREATE TABLE IF NOT EXISTS `retail`.`products`
(
  `productId` Int64 COMMENT 'The product.',
  `manufacturerId` Nullable(Int64) COMMENT 'Its manufacturer; null where the source has none.',
  `department` Nullable(String) COMMENT 'Department that sells it.',
  `brand` Nullable(String) COMMENT 'National or private label.',
  `productCategory` Nullable(String) COMMENT 'Category within the department.',
  `productType` Nullable(String) COMMENT 'Type within the category.',
  `packageSize` Nullable(String) COMMENT 'Size of the package, as printed.',
  `validFrom` DateTime64(3, 'UTC') COMMENT 'From when on this row holds.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.',
  `_version` UInt64 COMMENT 'The row with the largest is the latest of its identity.',
  `_deleted` UInt8 COMMENT '1 where the row was retracted.'
)
ENGINE = ReplacingMergeTree(`_version`, `_deleted`)
ORDER BY (`productId`)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'A product of the retailer, as described from `validFrom` on.';

CREATE VIEW IF NOT EXISTS `retail`.`products_latest` AS
SELECT
  `productId`,
  `manufacturerId`,
  `department`,
  `brand`,
  `productCategory`,
  `productType`,
  `packageSize`,
  `validFrom`
FROM `retail`.`products` FINAL;

CREATE TABLE IF NOT EXISTS `retail`.`purchase_lines`
(
  `householdId` Int64 COMMENT 'The household that bought.',
  `storeId` Int64 COMMENT 'The store.',
  `basketId` Int64 COMMENT 'The basket: one trip through one till.',
  `productId` Int64 COMMENT 'The product; not every one is in retail.products.v1.',
  `quantity` Int64 COMMENT 'Pieces; for goods sold by weight or volume, the unit of the till.',
  `salesValue` Decimal(18, 2) COMMENT 'What the retailer received for the line, in US dollars.',
  `retailDiscount` Decimal(18, 2) COMMENT 'Discount by the retailer\'s loyalty card, in US dollars.',
  `couponDiscount` Decimal(18, 2) COMMENT 'Discount by a manufacturer coupon, in US dollars.',
  `couponMatchDiscount` Decimal(18, 2) COMMENT 'The retailer\'s match of the coupon, in US dollars.',
  `week` Int32 COMMENT 'Week of the retailer\'s year, 1 to 53, as the source counts it.',
  `purchasedAt` DateTime64(3, 'UTC') COMMENT 'Instant of the purchase; the stores are on New York time.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.'
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(`purchasedAt`)
ORDER BY (`purchasedAt`, `_partition`, `_offset`)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'One product in one basket of a household; quantities of zero and below occur in the source and are kept. Keyed by product, so that the join with retail.products.v1 needs no re-key.';

CREATE TABLE IF NOT EXISTS `retail`.`recommendation_models`
(
  `modelVersion` String COMMENT 'Digest of its factors and of what they were made of: the same purchases and settings give the same version.',
  `trainedFrom` Nullable(DateTime64(3, 'UTC')) COMMENT 'Purchases from this instant on; null: from the first.',
  `households` Int64 COMMENT 'Households that it knows.',
  `products` Int64 COMMENT 'Products that it knows.',
  `pairs` Int64 COMMENT 'Pairs of a household and a product that it bought.',
  `lines` Int64 COMMENT 'Purchase lines that it was made of.',
  `factors` Int32 COMMENT 'Numbers that stand for a household or a product.',
  `regularization` Float64 COMMENT 'Weight of the factors\' squares in what is minimised.',
  `alpha` Float64 COMMENT 'How much one more basket adds to the confidence that a household likes a product.',
  `iterations` Int32 COMMENT 'Passes over households and products.',
  `seed` Int64 COMMENT 'Of the factors that it began with.',
  `loss` Float64 COMMENT 'What was minimised, at the end: the weighted squared error over all pairs, regularization included, by pair.',
  `popular` Array(Int64) COMMENT 'The 50 products that most households bought, the first first; equals by number.',
  `popularHouseholds` Array(Int64) COMMENT 'How many households bought each.',
  `asOf` DateTime64(3, 'UTC') COMMENT 'It knows purchases before this instant.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.',
  `_version` UInt64 COMMENT 'The row with the largest is the latest of its identity.',
  `_deleted` UInt8 COMMENT '1 where the row was retracted.'
)
ENGINE = ReplacingMergeTree(`_version`, `_deleted`)
ORDER BY (`modelVersion`)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'A model of what households buy, trained by `kappa train recommendations`: what it was made of, how, and what most households buy, for those that it does not know.';

CREATE VIEW IF NOT EXISTS `retail`.`recommendation_models_latest` AS
SELECT
  `modelVersion`,
  `trainedFrom`,
  `households`,
  `products`,
  `pairs`,
  `lines`,
  `factors`,
  `regularization`,
  `alpha`,
  `iterations`,
  `seed`,
  `loss`,
  `popular`,
  `popularHouseholds`,
  `asOf`
FROM `retail`.`recommendation_models` FINAL;

CREATE TABLE IF NOT EXISTS `retail`.`recommendations`
(
  `householdId` Int64 COMMENT 'The household.',
  `modelVersion` String COMMENT 'The model, as in retail.recommendation-models.v1.',
  `products` Array(Int64) COMMENT 'Up to 50 products, the best first.',
  `scores` Array(Float64) COMMENT 'The preference that the model foresees for each: about 1 for what is bought, about 0 for what is not.',
  `asOf` DateTime64(3, 'UTC') COMMENT 'The model knows purchases before this instant.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.',
  `_version` UInt64 COMMENT 'The row with the largest is the latest of its identity.',
  `_deleted` UInt8 COMMENT '1 where the row was retracted.'
)
ENGINE = ReplacingMergeTree(`_version`, `_deleted`)
ORDER BY (`householdId`, `modelVersion`)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'What a household may like that it had not bought, by a model of all purchases before `asOf` (implicit ALS).';

CREATE VIEW IF NOT EXISTS `retail`.`recommendations_latest` AS
SELECT
  `householdId`,
  `modelVersion`,
  `products`,
  `scores`,
  `asOf`
FROM `retail`.`recommendations` FINAL;

CREATE TABLE IF NOT EXISTS `retail`.`related_products`
(
  `productId` Int64 COMMENT 'The product.',
  `baskets` Int64 COMMENT 'Baskets with it so far.',
  `others` Array(Int64) COMMENT 'Up to 20 products that were in at least two of these baskets, the most frequent first; equals by number.',
  `together` Array(Int64) COMMENT 'In how many of the baskets each was. Exact while at most 256 different products were met beside this one, beyond that at least so many (Space-Saving with 256 counters).',
  `asOf` DateTime64(3, 'UTC') COMMENT 'Event time of the row.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.',
  `_version` UInt64 COMMENT 'The row with the largest is the latest of its identity.',
  `_deleted` UInt8 COMMENT '1 where the row was retracted.'
)
ENGINE = ReplacingMergeTree(`_version`, `_deleted`)
PARTITION BY toYYYYMM(`asOf`)
ORDER BY (`productId`, `asOf`)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'The products that are bought together with a product most: its latest row says how it stands; published an hour of event time after a basket with it, with whatever else came meanwhile.';

CREATE VIEW IF NOT EXISTS `retail`.`related_products_latest` AS
SELECT
  `productId`,
  `baskets`,
  `others`,
  `together`,
  `asOf`
FROM `retail`.`related_products` FINAL;

CREATE TABLE IF NOT EXISTS `retail`.`revenue_per_day_corrections`
(
  `correctionId` String COMMENT 'Processor, identity of the row, and number: the same whenever it is settled again.',
  `number` Int32 COMMENT 'Which correction of its row it is, counted from 1.',
  `department` String COMMENT 'Department of the product; `unknown` where the product is not known.',
  `windowStart` DateTime64(3, 'UTC') COMMENT 'Start of the day in New York, inclusive.',
  `windowEnd` DateTime64(3, 'UTC') COMMENT 'End of the day in New York, exclusive.',
  `lines` Int64 COMMENT 'To be added to the row: purchase lines.',
  `units` Int64 COMMENT 'To be added to the row: sum of quantities.',
  `revenue` Decimal(18, 2) COMMENT 'To be added to the row: sum of sales values, in US dollars.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.',
  `_version` UInt64 COMMENT 'The row with the largest is the latest of its identity.',
  `_deleted` UInt8 COMMENT '1 where the row was retracted.'
)
ENGINE = ReplacingMergeTree(`_version`, `_deleted`)
PARTITION BY toYYYYMM(`windowStart`)
ORDER BY (`windowStart`, `correctionId`)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'What lines that came too late add to the revenue of a department and day: rows of the day and these together are complete.';

CREATE VIEW IF NOT EXISTS `retail`.`revenue_per_day_corrections_latest` AS
SELECT
  `correctionId`,
  `number`,
  `department`,
  `windowStart`,
  `windowEnd`,
  `lines`,
  `units`,
  `revenue`
FROM `retail`.`revenue_per_day_corrections` FINAL;

CREATE TABLE IF NOT EXISTS `retail`.`revenue_per_day`
(
  `department` String COMMENT 'Department of the product; `unknown` where the product is not known.',
  `windowStart` DateTime64(3, 'UTC') COMMENT 'Start of the day in New York, inclusive.',
  `windowEnd` DateTime64(3, 'UTC') COMMENT 'End of the day in New York, exclusive.',
  `lines` Int64 COMMENT 'Purchase lines.',
  `units` Int64 COMMENT 'Sum of quantities.',
  `revenue` Decimal(18, 2) COMMENT 'Sum of sales values, in US dollars.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.',
  `_version` UInt64 COMMENT 'The row with the largest is the latest of its identity.',
  `_deleted` UInt8 COMMENT '1 where the row was retracted.'
)
ENGINE = ReplacingMergeTree(`_version`, `_deleted`)
PARTITION BY toYYYYMM(`windowStart`)
ORDER BY (`department`, `windowStart`)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Revenue, lines and units per department, for each calendar day of the stores (New York).';

CREATE VIEW IF NOT EXISTS `retail`.`revenue_per_day_latest` AS
SELECT
  `department`,
  `windowStart`,
  `windowEnd`,
  `lines`,
  `units`,
  `revenue`
FROM `retail`.`revenue_per_day` FINAL;

CREATE TABLE IF NOT EXISTS `retail`.`segment_models`
(
  `modelVersion` String COMMENT 'Digest of what it was trained on and came to.',
  `lines` Int64 COMMENT 'Purchase lines that were read.',
  `snapshots` Int32 COMMENT 'Instants, 28 days apart up to `asOf`, at which households were looked at.',
  `rows` Int64 COMMENT 'Households at these instants.',
  `features` Array(String) COMMENT 'What is looked at, in order.',
  `means` Array(Float64) COMMENT 'Of the features.',
  `deviations` Array(Float64) COMMENT 'Standard deviations of the features.',
  `segments` Array(String) COMMENT 'Names of the segments.',
  `centres` Array(Float64) COMMENT 'The features of each segment\'s centre, each less its mean and by its deviation, segment by segment.',
  `households` Array(Int64) COMMENT 'Households of each segment at `asOf`.',
  `inertia` Float64 COMMENT 'Sum of the rows\' squared distances from their centres.',
  `silhouette` Nullable(Float64) COMMENT 'How much nearer households are to their own segment than to the next one at `asOf`, -1 to 1.',
  `agreement` Nullable(Float64) COMMENT 'How alike a model of 28 days before parts the households of `asOf`: adjusted Rand index, 1 for the same.',
  `heldOut` Int64 COMMENT 'Households of the two latest periods that it was measured on; 0: there was too little before them.',
  `explained` Nullable(Float64) COMMENT 'Share of the variance of log dollars paid in these periods that lies between segments.',
  `rfmExplained` Nullable(Float64) COMMENT 'The same of segments by RFM, as those of gold.dim_rfm.',
  `nextSpend` Array(Float64) COMMENT 'Mean dollars that households of each segment paid in a period; empty where nothing was held out, 0 for a segment without households.',
  `asOf` DateTime64(3, 'UTC') COMMENT 'It knows purchases before this instant.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.',
  `_version` UInt64 COMMENT 'The row with the largest is the latest of its identity.',
  `_deleted` UInt8 COMMENT '1 where the row was retracted.'
)
ENGINE = ReplacingMergeTree(`_version`, `_deleted`)
ORDER BY (`modelVersion`)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'How households fall into segments by what they buy (k-means), trained by `kappa train segments`, with how well segments of earlier months alone told what was paid in the two latest periods of 28 days, beside segments by RFM.';

CREATE VIEW IF NOT EXISTS `retail`.`segment_models_latest` AS
SELECT
  `modelVersion`,
  `lines`,
  `snapshots`,
  `rows`,
  `features`,
  `means`,
  `deviations`,
  `segments`,
  `centres`,
  `households`,
  `inertia`,
  `silhouette`,
  `agreement`,
  `heldOut`,
  `explained`,
  `rfmExplained`,
  `nextSpend`,
  `asOf`
FROM `retail`.`segment_models` FINAL;

CREATE TABLE IF NOT EXISTS `retail`.`store_promotions`
(
  `productId` Int64 COMMENT 'The product.',
  `storeId` Int32 COMMENT 'The store.',
  `displayLocation` String COMMENT 'Where in the store: 0 not on display, 1 front, 2 rear, 3 front end cap, 4 mid-aisle end cap, 5 rear end cap, 6 side-aisle end cap, 7 in-aisle, 9 secondary location, A in-shelf.',
  `mailerLocation` String COMMENT 'Where in the mailer: 0 not in it, A interior page feature, C interior page line item, D front page feature, F back page feature, H wrap front feature, J wrap interior coupon, L wrap back feature, P interior page coupon, X free on interior page, Z free on front page, back page or wrap.',
  `week` Int32 COMMENT 'Week of the data set, 1 to 53.',
  `startsAt` DateTime64(3, 'UTC') COMMENT 'Monday midnight at the start of that week, New York time.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.'
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(`startsAt`)
ORDER BY (`startsAt`, `_partition`, `_offset`)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'A product was on display in a store, or in its mailer, for a week.';

CREATE TABLE IF NOT EXISTS `retail`.`upsell_models`
(
  `modelVersion` String COMMENT 'Digest of what it was trained on and came to.',
  `lines` Int64 COMMENT 'Purchase lines that were read.',
  `snapshots` Int32 COMMENT 'Instants, 28 days apart, at which households were looked at.',
  `rows` Int64 COMMENT 'Households at these instants.',
  `raised` Int64 COMMENT 'Of them, those that paid at least a fifth more a basket in the 28 days after than in the 90 before.',
  `features` Array(String) COMMENT 'What is looked at, in order.',
  `coefficients` Array(Float64) COMMENT 'Of the features, each less its mean and by its deviation.',
  `intercept` Float64 COMMENT 'Log odds of a household of mean features.',
  `heldOut` Int64 COMMENT 'Households of the two latest periods that it was measured on; 0: there was too little before them.',
  `auc` Nullable(Float64) COMMENT 'Chance that one that raised it scores above one that did not.',
  `lift` Nullable(Float64) COMMENT 'Share that raised it among the tenth with the highest scores, by that of all.',
  `calibrationError` Nullable(Float64) COMMENT 'Mean distance of foreseen and real shares over tenths by score.',
  `rfmAuc` Nullable(Float64) COMMENT 'The same of a plain RFM rule.',
  `rfmLift` Nullable(Float64) COMMENT 'The same of a plain RFM rule.',
  `rfmCalibrationError` Nullable(Float64) COMMENT 'The same of a plain RFM rule.',
  `asOf` DateTime64(3, 'UTC') COMMENT 'It knows purchases before this instant.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.',
  `_version` UInt64 COMMENT 'The row with the largest is the latest of its identity.',
  `_deleted` UInt8 COMMENT '1 where the row was retracted.'
)
ENGINE = ReplacingMergeTree(`_version`, `_deleted`)
ORDER BY (`modelVersion`)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'A model of which households raise the value of their baskets (logistic regression), trained by `kappa train upsell`, with how well its like, trained on earlier months alone, told the two latest periods of 28 days, beside a plain RFM rule.';

CREATE VIEW IF NOT EXISTS `retail`.`upsell_models_latest` AS
SELECT
  `modelVersion`,
  `lines`,
  `snapshots`,
  `rows`,
  `raised`,
  `features`,
  `coefficients`,
  `intercept`,
  `heldOut`,
  `auc`,
  `lift`,
  `calibrationError`,
  `rfmAuc`,
  `rfmLift`,
  `rfmCalibrationError`,
  `asOf`
FROM `retail`.`upsell_models` FINAL;

CREATE TABLE IF NOT EXISTS `retail`.`upsell_scores`
(
  `householdId` Int64 COMMENT 'The household.',
  `modelVersion` String COMMENT 'The model, as in retail.upsell-models.v1.',
  `probability` Float64 COMMENT 'That its baskets of the 28 days from `asOf` on are worth at least 1.2 times those of the 90 days before, in the mean; a household that buys nothing did not raise it.',
  `recencyDays` Float64 COMMENT 'Days since its latest basket.',
  `baskets28` Int32 COMMENT 'Baskets of the last 28 days.',
  `baskets90` Int32 COMMENT 'Baskets of the last 90 days.',
  `spend90` Decimal(18, 2) COMMENT 'What it paid in them, in US dollars.',
  `asOf` DateTime64(3, 'UTC') COMMENT 'The score knows purchases before this instant.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.',
  `_version` UInt64 COMMENT 'The row with the largest is the latest of its identity.',
  `_deleted` UInt8 COMMENT '1 where the row was retracted.'
)
ENGINE = ReplacingMergeTree(`_version`, `_deleted`)
ORDER BY (`householdId`, `modelVersion`)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'How likely a household that bought in the 90 days before `asOf` is to pay at least a fifth more a basket in the 28 days after it than in those 90.';

CREATE VIEW IF NOT EXISTS `retail`.`upsell_scores_latest` AS
SELECT
  `householdId`,
  `modelVersion`,
  `probability`,
  `recencyDays`,
  `baskets28`,
  `baskets90`,
  `spend90`,
  `asOf`
FROM `retail`.`upsell_scores` FINAL;

CREATE DATABASE IF NOT EXISTS `shop`;

CREATE TABLE IF NOT EXISTS `shop`.`abandoned_carts`
(
  `sessionId` String COMMENT 'The visit that filled the cart.',
  `visitorId` String COMMENT 'The browser or app installation, known before anybody signs in.',
  `customerId` Nullable(String) COMMENT 'The signed-in customer; null for an anonymous visitor.',
  `country` String COMMENT 'ISO 3166-1 alpha-2 code of the shop front visited.',
  `items` Int32 COMMENT 'Pieces left in the cart.',
  `amount` Decimal(18, 2) COMMENT 'What they would have cost, in `currency`.',
  `currency` String COMMENT 'ISO 4217 code.',
  `lastChangedAt` DateTime64(3, 'UTC') COMMENT 'When the cart was last changed.',
  `abandonedAt` DateTime64(3, 'UTC') COMMENT 'When it counted as abandoned: 30 minutes later.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.'
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(`abandonedAt`)
ORDER BY (`abandonedAt`, `_partition`, `_offset`)
TTL toDateTime(`_writtenAt`) + INTERVAL 34560000 SECOND
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'A cart that nobody touched for 30 minutes after the visit that filled it, as the cart service of the shop sees it.';

CREATE TABLE IF NOT EXISTS `shop`.`cart_abandonment_anomalies`
(
  `anomalyId` String COMMENT 'Derived from metric, place and window: the same anomaly always has the same id.',
  `metric` String COMMENT 'Name of the metric: `cart-abandonment`.',
  `country` String COMMENT 'ISO 3166-1 alpha-2 code of the shop front visited.',
  `windowStart` DateTime64(3, 'UTC') COMMENT 'Start of the window judged, inclusive.',
  `windowEnd` DateTime64(3, 'UTC') COMMENT 'End of the window judged, exclusive.',
  `actual` Float64 COMMENT 'What was seen.',
  `expected` Float64 COMMENT 'What the baseline led to expect.',
  `lower` Float64 COMMENT 'Lower edge of the expected band.',
  `upper` Float64 COMMENT 'Upper edge of the expected band.',
  `score` Float64 COMMENT 'Distance from the expected value in robust standard deviations; negative below it.',
  `severity` LowCardinality(String) COMMENT 'How far outside the band.',
  `direction` LowCardinality(String) COMMENT 'Above or below the band.',
  `reason` String COMMENT 'One sentence for people: what was seen, what was expected, since when.',
  `detectedAt` DateTime64(3, 'UTC') COMMENT 'Event time at which it was decided.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.',
  `_version` UInt64 COMMENT 'The row with the largest is the latest of its identity.',
  `_deleted` UInt8 COMMENT '1 where the row was retracted.'
)
ENGINE = ReplacingMergeTree(`_version`, `_deleted`)
ORDER BY (`anomalyId`)
TTL toDateTime(`_writtenAt`) + INTERVAL 95040000 SECOND
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'A window whose share of abandoned carts lies outside the expected band.';

CREATE VIEW IF NOT EXISTS `shop`.`cart_abandonment_anomalies_latest` AS
SELECT
  `anomalyId`,
  `metric`,
  `country`,
  `windowStart`,
  `windowEnd`,
  `actual`,
  `expected`,
  `lower`,
  `upper`,
  `score`,
  `severity`,
  `direction`,
  `reason`,
  `detectedAt`
FROM `shop`.`cart_abandonment_anomalies` FINAL;

CREATE TABLE IF NOT EXISTS `shop`.`cart_abandonment_per_minute_corrections`
(
  `correctionId` String COMMENT 'Processor, identity of the row, and number: the same whenever it is settled again.',
  `number` Int32 COMMENT 'Which correction of its row it is, counted from 1.',
  `country` String COMMENT 'ISO 3166-1 alpha-2 code of the shop front visited.',
  `windowStart` DateTime64(3, 'UTC') COMMENT 'Start of the minute, inclusive.',
  `windowEnd` DateTime64(3, 'UTC') COMMENT 'End of the minute, exclusive.',
  `carts` Int64 COMMENT 'To be added to the row: carts decided: bought or abandoned.',
  `purchases` Int64 COMMENT 'To be added to the row: carts that were bought.',
  `abandoned` Int64 COMMENT 'To be added to the row: carts that were left without a paid checkout.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.',
  `_version` UInt64 COMMENT 'The row with the largest is the latest of its identity.',
  `_deleted` UInt8 COMMENT '1 where the row was retracted.'
)
ENGINE = ReplacingMergeTree(`_version`, `_deleted`)
PARTITION BY toYYYYMM(`windowStart`)
ORDER BY (`windowStart`, `correctionId`)
TTL toDateTime(`_writtenAt`) + INTERVAL 95040000 SECOND
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'What fates of carts that came too late add to a country and minute.';

CREATE VIEW IF NOT EXISTS `shop`.`cart_abandonment_per_minute_corrections_latest` AS
SELECT
  `correctionId`,
  `number`,
  `country`,
  `windowStart`,
  `windowEnd`,
  `carts`,
  `purchases`,
  `abandoned`
FROM `shop`.`cart_abandonment_per_minute_corrections` FINAL;

CREATE TABLE IF NOT EXISTS `shop`.`cart_abandonment_per_minute`
(
  `country` String COMMENT 'ISO 3166-1 alpha-2 code of the shop front visited.',
  `windowStart` DateTime64(3, 'UTC') COMMENT 'Start of the minute, inclusive.',
  `windowEnd` DateTime64(3, 'UTC') COMMENT 'End of the minute, exclusive.',
  `carts` Int64 COMMENT 'Carts decided: bought or abandoned.',
  `purchases` Int64 COMMENT 'Carts that were bought.',
  `abandoned` Int64 COMMENT 'Carts that were left without a paid checkout.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.',
  `_version` UInt64 COMMENT 'The row with the largest is the latest of its identity.',
  `_deleted` UInt8 COMMENT '1 where the row was retracted.'
)
ENGINE = ReplacingMergeTree(`_version`, `_deleted`)
PARTITION BY toYYYYMM(`windowStart`)
ORDER BY (`country`, `windowStart`)
TTL toDateTime(`_writtenAt`) + INTERVAL 95040000 SECOND
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Carts whose fate was decided in a minute of event time, per country.';

CREATE VIEW IF NOT EXISTS `shop`.`cart_abandonment_per_minute_latest` AS
SELECT
  `country`,
  `windowStart`,
  `windowEnd`,
  `carts`,
  `purchases`,
  `abandoned`
FROM `shop`.`cart_abandonment_per_minute` FINAL;

CREATE TABLE IF NOT EXISTS `shop`.`cart_changes`
(
  `eventId` String COMMENT 'Unique per event; a repeated one is the same event sent twice.',
  `sessionId` String COMMENT 'One visit of one visitor.',
  `visitorId` String COMMENT 'The browser or app installation, known before anybody signs in.',
  `customerId` Nullable(String) COMMENT 'The signed-in customer; null for an anonymous visitor.',
  `country` String COMMENT 'ISO 3166-1 alpha-2 code of the shop front visited.',
  `device` LowCardinality(String) COMMENT 'The kind of device used.',
  `action` LowCardinality(String) COMMENT 'Put in or taken out.',
  `productId` String COMMENT 'The product.',
  `quantity` Int32 COMMENT 'Pieces put in or taken out.',
  `price` Decimal(18, 2) COMMENT 'Price of one piece, in `currency`.',
  `currency` String COMMENT 'ISO 4217 code.',
  `ip` String COMMENT 'Address that the request came from, sealed.',
  `email` Nullable(String) COMMENT 'E-mail of the signed-in customer, sealed; null for an anonymous visitor.',
  `occurredAt` DateTime64(3, 'UTC') COMMENT 'When the cart changed, by the shop\'s clock.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.'
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(`occurredAt`)
ORDER BY (`occurredAt`, `_partition`, `_offset`)
TTL toDateTime(`_writtenAt`) + INTERVAL 34560000 SECOND
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'A product was put into a cart or taken out of it. Personal fields are sealed by the producer; subscribe to shop.masked-cart-changes.v1 instead.';

CREATE TABLE IF NOT EXISTS `shop`.`cart_outcomes`
(
  `cartId` String COMMENT 'Visitor and opening instant: one cart has one outcome.',
  `visitorId` String COMMENT 'The browser or app installation that filled the cart.',
  `sessionId` String COMMENT 'The visit in which the cart was last changed or bought.',
  `country` String COMMENT 'ISO 3166-1 alpha-2 code of the shop front visited.',
  `outcome` LowCardinality(String) COMMENT 'BOUGHT by a paid checkout; ABANDONED when nothing happened for the time that the processor states.',
  `pieces` Int32 COMMENT 'Pieces in the cart when it was decided.',
  `openedAt` DateTime64(3, 'UTC') COMMENT 'When the first product was put into it.',
  `decidedAt` DateTime64(3, 'UTC') COMMENT 'When it was bought, or when it counted as abandoned.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.'
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(`decidedAt`)
ORDER BY (`decidedAt`, `_partition`, `_offset`)
TTL toDateTime(`_writtenAt`) + INTERVAL 34560000 SECOND
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'What became of a cart: bought, or abandoned because nothing happened to it for a while.';

CREATE TABLE IF NOT EXISTS `shop`.`clicks`
(
  `eventId` String COMMENT 'Unique per event; a repeated one is the same event sent twice.',
  `sessionId` String COMMENT 'One visit of one visitor.',
  `visitorId` String COMMENT 'The browser or app installation, known before anybody signs in.',
  `customerId` Nullable(String) COMMENT 'The signed-in customer; null for an anonymous visitor.',
  `country` String COMMENT 'ISO 3166-1 alpha-2 code of the shop front visited.',
  `device` LowCardinality(String) COMMENT 'The kind of device used.',
  `element` String COMMENT 'Name of the element clicked, as the shop front labels it.',
  `path` String COMMENT 'Path of the page, without query.',
  `productId` Nullable(String) COMMENT 'The product that the element belongs to, where there is one.',
  `ip` String COMMENT 'Address that the request came from, sealed.',
  `email` Nullable(String) COMMENT 'E-mail of the signed-in customer, sealed; null for an anonymous visitor.',
  `occurredAt` DateTime64(3, 'UTC') COMMENT 'When the click happened, by the shop\'s clock.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.'
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(`occurredAt`)
ORDER BY (`occurredAt`, `_partition`, `_offset`)
TTL toDateTime(`_writtenAt`) + INTERVAL 34560000 SECOND
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'A visitor clicked an element of a page. Personal fields are sealed by the producer; subscribe to shop.masked-clicks.v1 instead.';

CREATE TABLE IF NOT EXISTS `shop`.`funnel_per_minute_corrections`
(
  `correctionId` String COMMENT 'Processor, identity of the row, and number: the same whenever it is settled again.',
  `number` Int32 COMMENT 'Which correction of its row it is, counted from 1.',
  `type` LowCardinality(String) COMMENT 'The step; PURCHASE counts paid checkouts.',
  `country` String COMMENT 'ISO 3166-1 alpha-2 code of the shop front visited.',
  `windowStart` DateTime64(3, 'UTC') COMMENT 'Start of the minute, inclusive.',
  `windowEnd` DateTime64(3, 'UTC') COMMENT 'End of the minute, exclusive.',
  `events` Int64 COMMENT 'To be added to the row: events of this step.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.',
  `_version` UInt64 COMMENT 'The row with the largest is the latest of its identity.',
  `_deleted` UInt8 COMMENT '1 where the row was retracted.'
)
ENGINE = ReplacingMergeTree(`_version`, `_deleted`)
PARTITION BY toYYYYMM(`windowStart`)
ORDER BY (`windowStart`, `correctionId`)
TTL toDateTime(`_writtenAt`) + INTERVAL 95040000 SECOND
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'What events that came too late add to a step of the funnel, by country and minute.';

CREATE VIEW IF NOT EXISTS `shop`.`funnel_per_minute_corrections_latest` AS
SELECT
  `correctionId`,
  `number`,
  `type`,
  `country`,
  `windowStart`,
  `windowEnd`,
  `events`
FROM `shop`.`funnel_per_minute_corrections` FINAL;

CREATE TABLE IF NOT EXISTS `shop`.`funnel_per_minute`
(
  `type` LowCardinality(String) COMMENT 'The step; PURCHASE counts paid checkouts.',
  `country` String COMMENT 'ISO 3166-1 alpha-2 code of the shop front visited.',
  `windowStart` DateTime64(3, 'UTC') COMMENT 'Start of the minute, inclusive.',
  `windowEnd` DateTime64(3, 'UTC') COMMENT 'End of the minute, exclusive.',
  `events` Int64 COMMENT 'Events of this step.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.',
  `_version` UInt64 COMMENT 'The row with the largest is the latest of its identity.',
  `_deleted` UInt8 COMMENT '1 where the row was retracted.'
)
ENGINE = ReplacingMergeTree(`_version`, `_deleted`)
PARTITION BY toYYYYMM(`windowStart`)
ORDER BY (`type`, `country`, `windowStart`)
TTL toDateTime(`_writtenAt`) + INTERVAL 95040000 SECOND
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Events per step of the funnel and country, for each minute of event time.';

CREATE VIEW IF NOT EXISTS `shop`.`funnel_per_minute_latest` AS
SELECT
  `type`,
  `country`,
  `windowStart`,
  `windowEnd`,
  `events`
FROM `shop`.`funnel_per_minute` FINAL;

CREATE TABLE IF NOT EXISTS `shop`.`masked_cart_changes`
(
  `eventId` String COMMENT 'Unique per event; a repeated one is the same event sent twice.',
  `sessionId` String COMMENT 'One visit of one visitor.',
  `visitorId` String COMMENT 'The browser or app installation, known before anybody signs in.',
  `customerId` Nullable(String) COMMENT 'The signed-in customer; null for an anonymous visitor.',
  `country` String COMMENT 'ISO 3166-1 alpha-2 code of the shop front visited.',
  `device` LowCardinality(String) COMMENT 'The kind of device used.',
  `action` LowCardinality(String) COMMENT 'Put in or taken out.',
  `productId` String COMMENT 'The product.',
  `quantity` Int32 COMMENT 'Pieces put in or taken out.',
  `price` Decimal(18, 2) COMMENT 'Price of one piece, in `currency`.',
  `currency` String COMMENT 'ISO 4217 code.',
  `emailPseudonym` Nullable(String) COMMENT 'Stands for the e-mail: equal for equal addresses of one shopper, `erased` after an erasure.',
  `ipPrefix` String COMMENT 'Network part of the address: /24 of IPv4, /48 of IPv6; `erased` after an erasure.',
  `occurredAt` DateTime64(3, 'UTC') COMMENT 'When the cart changed, by the shop\'s clock.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.'
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(`occurredAt`)
ORDER BY (`occurredAt`, `_partition`, `_offset`)
TTL toDateTime(`_writtenAt`) + INTERVAL 34560000 SECOND
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'A product was put into a cart or taken out of it. Personal fields are masked.';

CREATE TABLE IF NOT EXISTS `shop`.`masked_clicks`
(
  `eventId` String COMMENT 'Unique per event; a repeated one is the same event sent twice.',
  `sessionId` String COMMENT 'One visit of one visitor.',
  `visitorId` String COMMENT 'The browser or app installation, known before anybody signs in.',
  `customerId` Nullable(String) COMMENT 'The signed-in customer; null for an anonymous visitor.',
  `country` String COMMENT 'ISO 3166-1 alpha-2 code of the shop front visited.',
  `device` LowCardinality(String) COMMENT 'The kind of device used.',
  `element` String COMMENT 'Name of the element clicked, as the shop front labels it.',
  `path` String COMMENT 'Path of the page, without query.',
  `productId` Nullable(String) COMMENT 'The product that the element belongs to, where there is one.',
  `emailPseudonym` Nullable(String) COMMENT 'Stands for the e-mail: equal for equal addresses of one shopper, `erased` after an erasure.',
  `ipPrefix` String COMMENT 'Network part of the address: /24 of IPv4, /48 of IPv6; `erased` after an erasure.',
  `occurredAt` DateTime64(3, 'UTC') COMMENT 'When the click happened, by the shop\'s clock.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.'
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(`occurredAt`)
ORDER BY (`occurredAt`, `_partition`, `_offset`)
TTL toDateTime(`_writtenAt`) + INTERVAL 34560000 SECOND
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'A visitor clicked an element of a page. Personal fields are masked.';

CREATE TABLE IF NOT EXISTS `shop`.`masked_page_views`
(
  `eventId` String COMMENT 'Unique per event; a repeated one is the same event sent twice.',
  `sessionId` String COMMENT 'One visit of one visitor.',
  `visitorId` String COMMENT 'The browser or app installation, known before anybody signs in.',
  `customerId` Nullable(String) COMMENT 'The signed-in customer; null for an anonymous visitor.',
  `country` String COMMENT 'ISO 3166-1 alpha-2 code of the shop front visited.',
  `device` LowCardinality(String) COMMENT 'The kind of device used.',
  `pageType` LowCardinality(String) COMMENT 'What the page is for.',
  `path` String COMMENT 'Path of the page, without query.',
  `productId` Nullable(String) COMMENT 'The product shown, where the page shows one.',
  `referrer` Nullable(String) COMMENT 'Host name that led here; null within the shop or where unknown.',
  `emailPseudonym` Nullable(String) COMMENT 'Stands for the e-mail: equal for equal addresses of one shopper, `erased` after an erasure.',
  `ipPrefix` String COMMENT 'Network part of the address: /24 of IPv4, /48 of IPv6; `erased` after an erasure.',
  `occurredAt` DateTime64(3, 'UTC') COMMENT 'When the page was shown, by the shop\'s clock.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.'
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(`occurredAt`)
ORDER BY (`occurredAt`, `_partition`, `_offset`)
TTL toDateTime(`_writtenAt`) + INTERVAL 34560000 SECOND
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'A page of the shop was shown to a visitor. Personal fields are masked.';

CREATE TABLE IF NOT EXISTS `shop`.`masked_purchases`
(
  `eventId` String COMMENT 'Unique per event; a repeated one is the same event sent twice.',
  `sessionId` String COMMENT 'One visit of one visitor.',
  `visitorId` String COMMENT 'The browser or app installation, known before anybody signs in.',
  `customerId` String COMMENT 'The signed-in customer.',
  `country` String COMMENT 'ISO 3166-1 alpha-2 code of the shop front visited.',
  `device` LowCardinality(String) COMMENT 'The kind of device used.',
  `orderId` String COMMENT 'The order; one event per attempt to pay it.',
  `status` LowCardinality(String) COMMENT 'Whether the payment went through.',
  `amount` Decimal(18, 2) COMMENT 'Total to pay, tax included, in `currency`.',
  `currency` String COMMENT 'ISO 4217 code.',
  `items` Int32 COMMENT 'Pieces in the order.',
  `paymentMethod` LowCardinality(String) COMMENT 'How the shopper pays.',
  `refusalReason` Nullable(String) COMMENT 'Why the payment was refused; null where it was paid.',
  `emailPseudonym` Nullable(String) COMMENT 'Stands for the e-mail: equal for equal addresses of one shopper, `erased` after an erasure.',
  `ipPrefix` String COMMENT 'Network part of the address: /24 of IPv4, /48 of IPv6; `erased` after an erasure.',
  `city` String COMMENT 'City of the delivery address; `erased` after an erasure.',
  `occurredAt` DateTime64(3, 'UTC') COMMENT 'When the checkout ended, by the shop\'s clock.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.'
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(`occurredAt`)
ORDER BY (`occurredAt`, `_partition`, `_offset`)
TTL toDateTime(`_writtenAt`) + INTERVAL 34560000 SECOND
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'A checkout, paid or refused. Personal fields are masked.';

CREATE TABLE IF NOT EXISTS `shop`.`page_views`
(
  `eventId` String COMMENT 'Unique per event; a repeated one is the same event sent twice.',
  `sessionId` String COMMENT 'One visit of one visitor.',
  `visitorId` String COMMENT 'The browser or app installation, known before anybody signs in.',
  `customerId` Nullable(String) COMMENT 'The signed-in customer; null for an anonymous visitor.',
  `country` String COMMENT 'ISO 3166-1 alpha-2 code of the shop front visited.',
  `device` LowCardinality(String) COMMENT 'The kind of device used.',
  `pageType` LowCardinality(String) COMMENT 'What the page is for.',
  `path` String COMMENT 'Path of the page, without query.',
  `productId` Nullable(String) COMMENT 'The product shown, where the page shows one.',
  `referrer` Nullable(String) COMMENT 'Host name that led here; null within the shop or where unknown.',
  `ip` String COMMENT 'Address that the request came from, sealed.',
  `email` Nullable(String) COMMENT 'E-mail of the signed-in customer, sealed; null for an anonymous visitor.',
  `occurredAt` DateTime64(3, 'UTC') COMMENT 'When the page was shown, by the shop\'s clock.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.'
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(`occurredAt`)
ORDER BY (`occurredAt`, `_partition`, `_offset`)
TTL toDateTime(`_writtenAt`) + INTERVAL 34560000 SECOND
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'A page of the shop was shown to a visitor. Personal fields are sealed by the producer; subscribe to shop.masked-page-views.v1 instead.';

CREATE TABLE IF NOT EXISTS `shop`.`promotions`
(
  `promotionId` String COMMENT 'The promotion.',
  `name` String COMMENT 'As customers read it.',
  `category` String COMMENT 'The category whose prices are reduced.',
  `countries` Array(String) COMMENT 'Markets in which it runs, ISO 3166-1 alpha-2; the others are its control group.',
  `discountPercent` Int32 COMMENT 'Reduction of every price of the category.',
  `startsAt` DateTime64(3, 'UTC') COMMENT 'First instant on which the prices are reduced.',
  `endsAt` DateTime64(3, 'UTC') COMMENT 'First instant on which they are not any more.',
  `announcedAt` DateTime64(3, 'UTC') COMMENT 'When it was announced.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.',
  `_version` UInt64 COMMENT 'The row with the largest is the latest of its identity.',
  `_deleted` UInt8 COMMENT '1 where the row was retracted.'
)
ENGINE = ReplacingMergeTree(`_version`, `_deleted`)
ORDER BY (`promotionId`)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'A reduction of the prices of one category in some countries.';

CREATE VIEW IF NOT EXISTS `shop`.`promotions_latest` AS
SELECT
  `promotionId`,
  `name`,
  `category`,
  `countries`,
  `discountPercent`,
  `startsAt`,
  `endsAt`,
  `announcedAt`
FROM `shop`.`promotions` FINAL;

CREATE TABLE IF NOT EXISTS `shop`.`purchases`
(
  `eventId` String COMMENT 'Unique per event; a repeated one is the same event sent twice.',
  `sessionId` String COMMENT 'One visit of one visitor.',
  `visitorId` String COMMENT 'The browser or app installation, known before anybody signs in.',
  `customerId` String COMMENT 'The signed-in customer.',
  `country` String COMMENT 'ISO 3166-1 alpha-2 code of the shop front visited.',
  `device` LowCardinality(String) COMMENT 'The kind of device used.',
  `orderId` String COMMENT 'The order; one event per attempt to pay it.',
  `status` LowCardinality(String) COMMENT 'Whether the payment went through.',
  `amount` Decimal(18, 2) COMMENT 'Total to pay, tax included, in `currency`.',
  `currency` String COMMENT 'ISO 4217 code.',
  `items` Int32 COMMENT 'Pieces in the order.',
  `paymentMethod` LowCardinality(String) COMMENT 'How the shopper pays.',
  `refusalReason` Nullable(String) COMMENT 'Why the payment was refused; null where it was paid.',
  `ip` String COMMENT 'Address that the request came from, sealed.',
  `email` String COMMENT 'As typed by the shopper, sealed.',
  `name` String COMMENT 'As typed by the shopper, sealed.',
  `address` String COMMENT 'Delivery address, sealed.',
  `occurredAt` DateTime64(3, 'UTC') COMMENT 'When the checkout ended, by the shop\'s clock.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.'
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(`occurredAt`)
ORDER BY (`occurredAt`, `_partition`, `_offset`)
TTL toDateTime(`_writtenAt`) + INTERVAL 34560000 SECOND
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'A checkout, paid or refused. Personal fields are sealed by the producer; subscribe to shop.masked-purchases.v1 instead.';

CREATE TABLE IF NOT EXISTS `shop`.`revenue_anomalies`
(
  `anomalyId` String COMMENT 'Derived from metric, place and window: the same anomaly always has the same id.',
  `metric` String COMMENT 'Name of the metric: `revenue`.',
  `country` String COMMENT 'ISO 3166-1 alpha-2 code of the shop front visited.',
  `currency` String COMMENT 'ISO 4217 code of `actual`, `expected` and the band, which are statistics, not money booked.',
  `windowStart` DateTime64(3, 'UTC') COMMENT 'Start of the window judged, inclusive.',
  `windowEnd` DateTime64(3, 'UTC') COMMENT 'End of the window judged, exclusive.',
  `actual` Float64 COMMENT 'What was seen.',
  `expected` Float64 COMMENT 'What the baseline led to expect.',
  `lower` Float64 COMMENT 'Lower edge of the expected band.',
  `upper` Float64 COMMENT 'Upper edge of the expected band.',
  `score` Float64 COMMENT 'Distance from the expected value in robust standard deviations; negative below it.',
  `severity` LowCardinality(String) COMMENT 'How far outside the band.',
  `direction` LowCardinality(String) COMMENT 'Above or below the band.',
  `reason` String COMMENT 'One sentence for people: what was seen, what was expected, since when.',
  `detectedAt` DateTime64(3, 'UTC') COMMENT 'Event time at which it was decided.',
  `contributions` Array(Tuple(dimension String, value Nullable(String), expected Decimal(18, 2), actual Decimal(18, 2), share Decimal(38, 9), surprise Float64, cause Bool)) COMMENT 'Which values of each dimension the deviation comes from, the dimension that changed most first, in it causes and then the largest first. Those of one dimension add up to `actual` and `expected` in whole cents. Empty: decided before this was told.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.',
  `_version` UInt64 COMMENT 'The row with the largest is the latest of its identity.',
  `_deleted` UInt8 COMMENT '1 where the row was retracted.'
)
ENGINE = ReplacingMergeTree(`_version`, `_deleted`)
ORDER BY (`anomalyId`)
TTL toDateTime(`_writtenAt`) + INTERVAL 95040000 SECOND
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'A window whose paid revenue lies outside the expected band.';

CREATE VIEW IF NOT EXISTS `shop`.`revenue_anomalies_latest` AS
SELECT
  `anomalyId`,
  `metric`,
  `country`,
  `currency`,
  `windowStart`,
  `windowEnd`,
  `actual`,
  `expected`,
  `lower`,
  `upper`,
  `score`,
  `severity`,
  `direction`,
  `reason`,
  `detectedAt`,
  `contributions`
FROM `shop`.`revenue_anomalies` FINAL;

CREATE TABLE IF NOT EXISTS `shop`.`revenue_parts_per_minute`
(
  `country` String COMMENT 'ISO 3166-1 alpha-2 code of the shop front visited.',
  `currency` String COMMENT 'ISO 4217 code.',
  `windowStart` DateTime64(3, 'UTC') COMMENT 'Start of the minute, inclusive.',
  `windowEnd` DateTime64(3, 'UTC') COMMENT 'End of the minute, exclusive.',
  `orders` Int64 COMMENT 'Paid orders.',
  `revenue` Decimal(18, 2) COMMENT 'Sum of their amounts, in `currency`.',
  `parts` Array(Tuple(dimension String, value String, orders Int64, revenue Decimal(18, 2))) COMMENT 'By dimension and value, in this order; those of one dimension add up to `orders` and `revenue`.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.',
  `_version` UInt64 COMMENT 'The row with the largest is the latest of its identity.',
  `_deleted` UInt8 COMMENT '1 where the row was retracted.'
)
ENGINE = ReplacingMergeTree(`_version`, `_deleted`)
PARTITION BY toYYYYMM(`windowStart`)
ORDER BY (`country`, `currency`, `windowStart`)
TTL toDateTime(`_writtenAt`) + INTERVAL 95040000 SECOND
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Paid revenue and orders per country and currency for each minute of event time, and how they are divided by device and payment method.';

CREATE VIEW IF NOT EXISTS `shop`.`revenue_parts_per_minute_latest` AS
SELECT
  `country`,
  `currency`,
  `windowStart`,
  `windowEnd`,
  `orders`,
  `revenue`,
  `parts`
FROM `shop`.`revenue_parts_per_minute` FINAL;

CREATE TABLE IF NOT EXISTS `shop`.`revenue_per_minute_corrections`
(
  `correctionId` String COMMENT 'Processor, identity of the row, and number: the same whenever it is settled again.',
  `number` Int32 COMMENT 'Which correction of its row it is, counted from 1.',
  `country` String COMMENT 'ISO 3166-1 alpha-2 code of the shop front visited.',
  `currency` String COMMENT 'ISO 4217 code.',
  `windowStart` DateTime64(3, 'UTC') COMMENT 'Start of the minute, inclusive.',
  `windowEnd` DateTime64(3, 'UTC') COMMENT 'End of the minute, exclusive.',
  `orders` Int64 COMMENT 'To be added to the row: paid orders.',
  `revenue` Decimal(18, 2) COMMENT 'To be added to the row: sum of their amounts, in `currency`.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.',
  `_version` UInt64 COMMENT 'The row with the largest is the latest of its identity.',
  `_deleted` UInt8 COMMENT '1 where the row was retracted.'
)
ENGINE = ReplacingMergeTree(`_version`, `_deleted`)
PARTITION BY toYYYYMM(`windowStart`)
ORDER BY (`windowStart`, `correctionId`)
TTL toDateTime(`_writtenAt`) + INTERVAL 95040000 SECOND
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'What checkouts that came too late add to the revenue of a country, currency and minute.';

CREATE VIEW IF NOT EXISTS `shop`.`revenue_per_minute_corrections_latest` AS
SELECT
  `correctionId`,
  `number`,
  `country`,
  `currency`,
  `windowStart`,
  `windowEnd`,
  `orders`,
  `revenue`
FROM `shop`.`revenue_per_minute_corrections` FINAL;

CREATE TABLE IF NOT EXISTS `shop`.`revenue_per_minute`
(
  `country` String COMMENT 'ISO 3166-1 alpha-2 code of the shop front visited.',
  `currency` String COMMENT 'ISO 4217 code.',
  `windowStart` DateTime64(3, 'UTC') COMMENT 'Start of the minute, inclusive.',
  `windowEnd` DateTime64(3, 'UTC') COMMENT 'End of the minute, exclusive.',
  `orders` Int64 COMMENT 'Paid orders.',
  `revenue` Decimal(18, 2) COMMENT 'Sum of their amounts, in `currency`.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.',
  `_version` UInt64 COMMENT 'The row with the largest is the latest of its identity.',
  `_deleted` UInt8 COMMENT '1 where the row was retracted.'
)
ENGINE = ReplacingMergeTree(`_version`, `_deleted`)
PARTITION BY toYYYYMM(`windowStart`)
ORDER BY (`country`, `currency`, `windowStart`)
TTL toDateTime(`_writtenAt`) + INTERVAL 95040000 SECOND
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Paid revenue and orders per country and currency, for each minute of event time.';

CREATE VIEW IF NOT EXISTS `shop`.`revenue_per_minute_latest` AS
SELECT
  `country`,
  `currency`,
  `windowStart`,
  `windowEnd`,
  `orders`,
  `revenue`
FROM `shop`.`revenue_per_minute` FINAL;

CREATE TABLE IF NOT EXISTS `shop`.`searches`
(
  `eventId` String COMMENT 'Unique per event; a repeated one is the same event sent twice.',
  `sessionId` String COMMENT 'One visit of one visitor.',
  `visitorId` String COMMENT 'The browser or app installation, known before anybody signs in.',
  `customerId` Nullable(String) COMMENT 'The signed-in customer; null for an anonymous visitor.',
  `country` String COMMENT 'ISO 3166-1 alpha-2 code of the shop front visited.',
  `device` LowCardinality(String) COMMENT 'The kind of device used.',
  `query` String COMMENT 'What was searched for, in lower case.',
  `results` Int32 COMMENT 'Products found.',
  `occurredAt` DateTime64(3, 'UTC') COMMENT 'When the search was sent, by the shop\'s clock.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.'
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(`occurredAt`)
ORDER BY (`occurredAt`, `_partition`, `_offset`)
TTL toDateTime(`_writtenAt`) + INTERVAL 34560000 SECOND
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'A visitor searched the shop.';

CREATE TABLE IF NOT EXISTS `shop`.`sessions`
(
  `sessionId` String COMMENT 'The visit.',
  `visitorId` String COMMENT 'The browser or app installation, known before anybody signs in.',
  `customerId` Nullable(String) COMMENT 'The customer, where they signed in or paid during the visit; null for a visit that stayed anonymous.',
  `country` String COMMENT 'ISO 3166-1 alpha-2 code of the shop front visited.',
  `device` LowCardinality(String) COMMENT 'The kind of device used.',
  `referrer` Nullable(String) COMMENT 'Host name that led here; null where unknown.',
  `entryPath` String COMMENT 'Path of the first page; empty where no page was seen.',
  `exitPath` String COMMENT 'Path of the last page; empty where no page was seen.',
  `steps` Array(String) COMMENT 'The way through the shop, e.g. HOME, PRODUCT, ADD, CART, CHECKOUT, PAID: at most the first 50 steps, one for a step repeated.',
  `pages` Int32 COMMENT 'Page views.',
  `clicks` Int32 COMMENT 'Clicks.',
  `cartChanges` Int32 COMMENT 'Changes of the cart.',
  `orders` Int32 COMMENT 'Checkouts paid.',
  `startedAt` DateTime64(3, 'UTC') COMMENT 'Its first event.',
  `endedAt` DateTime64(3, 'UTC') COMMENT 'Its last event; known once nothing happened for half an hour.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.',
  `_version` UInt64 COMMENT 'The row with the largest is the latest of its identity.',
  `_deleted` UInt8 COMMENT '1 where the row was retracted.'
)
ENGINE = ReplacingMergeTree(`_version`, `_deleted`)
ORDER BY (`sessionId`)
TTL toDateTime(`_writtenAt`) + INTERVAL 34560000 SECOND
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'A visit that is over, with the way it took; the customer is known for all of it once they signed in or paid in it.';

CREATE VIEW IF NOT EXISTS `shop`.`sessions_latest` AS
SELECT
  `sessionId`,
  `visitorId`,
  `customerId`,
  `country`,
  `device`,
  `referrer`,
  `entryPath`,
  `exitPath`,
  `steps`,
  `pages`,
  `clicks`,
  `cartChanges`,
  `orders`,
  `startedAt`,
  `endedAt`
FROM `shop`.`sessions` FINAL;

CREATE TABLE IF NOT EXISTS `shop`.`trending_products`
(
  `country` String COMMENT 'ISO 3166-1 alpha-2 code of the shop front visited.',
  `windowStart` DateTime64(3, 'UTC') COMMENT 'Start of the hour, inclusive.',
  `windowEnd` DateTime64(3, 'UTC') COMMENT 'End of the hour, exclusive.',
  `events` Int64 COMMENT 'Product pages seen and products put into a cart.',
  `products` Array(String) COMMENT 'The ten products with most of them, the first first; equals by id.',
  `counts` Array(Int64) COMMENT 'How many each has.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.',
  `_version` UInt64 COMMENT 'The row with the largest is the latest of its identity.',
  `_deleted` UInt8 COMMENT '1 where the row was retracted.'
)
ENGINE = ReplacingMergeTree(`_version`, `_deleted`)
PARTITION BY toYYYYMM(`windowStart`)
ORDER BY (`country`, `windowStart`)
TTL toDateTime(`_writtenAt`) + INTERVAL 34560000 SECOND
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'What visitors of a country look at and put into the cart most, in the hour before `windowEnd`; every five minutes of event time.';

CREATE VIEW IF NOT EXISTS `shop`.`trending_products_latest` AS
SELECT
  `country`,
  `windowStart`,
  `windowEnd`,
  `events`,
  `products`,
  `counts`
FROM `shop`.`trending_products` FINAL;

CREATE DATABASE IF NOT EXISTS `silver`;

CREATE TABLE IF NOT EXISTS `silver`.`ad_reports`
(
  `campaignId` String COMMENT 'The campaign.',
  `campaignName` String COMMENT 'As marketing calls it; `unknown` where it was never booked.',
  `channel` LowCardinality(String) COMMENT 'Where it is shown.',
  `country` String COMMENT 'Market in which it was shown, ISO 3166-1 alpha-2.',
  `impressions` Int64 COMMENT 'How often it was shown.',
  `clicks` Int64 COMMENT 'How often it was clicked.',
  `spend` Decimal(18, 2) COMMENT 'What the network charges, in `currency`.',
  `currency` String COMMENT 'ISO 4217 code; networks charge euros.',
  `periodStart` DateTime64(3, 'UTC') COMMENT 'First instant of the period.',
  `periodEnd` DateTime64(3, 'UTC') COMMENT 'First instant behind it.',
  `flags` Array(String) COMMENT 'What the rules find in the row as it stands, e.g. `outlier:quantity`; empty: nothing.',
  `source` String COMMENT 'The system whose record this change is due to.',
  `sources` Array(String) COMMENT 'Systems that told of it so far, the most trusted first.',
  `copies` Int32 COMMENT 'Records about it so far, of all systems.',
  `told` LowCardinality(String) COMMENT 'What that record is: the first of all, a duplicate of the same system, its next version, or the first of another system.',
  `findings` Array(String) COMMENT 'What the rules find in that record alone.',
  `wanted` Int32 COMMENT 'Columns that it should have filled.',
  `arrivedAt` DateTime64(3, 'UTC') COMMENT 'When it was written to Kafka.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.',
  `_version` UInt64 COMMENT 'The row with the largest is the latest of its identity.',
  `_deleted` UInt8 COMMENT '1 where the row was retracted.'
)
ENGINE = ReplacingMergeTree(`_version`, `_deleted`)
ORDER BY (`campaignId`, `periodStart`)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'What a network reports of a campaign for a period, cleaned from ads.ad-spend.v1.';

CREATE VIEW IF NOT EXISTS `silver`.`ad_reports_latest` AS
SELECT
  `campaignId`,
  `campaignName`,
  `channel`,
  `country`,
  `impressions`,
  `clicks`,
  `spend`,
  `currency`,
  `periodStart`,
  `periodEnd`,
  `flags`,
  `source`,
  `sources`,
  `copies`,
  `told`,
  `findings`,
  `wanted`,
  `arrivedAt`
FROM `silver`.`ad_reports` FINAL;

CREATE TABLE IF NOT EXISTS `silver`.`ad_visits`
(
  `clickId` String COMMENT 'The click.',
  `campaignId` String COMMENT 'The campaign.',
  `campaignName` String COMMENT 'As marketing calls it; `unknown` where it was never booked.',
  `channel` LowCardinality(String) COMMENT 'Where it is shown.',
  `country` String COMMENT 'Market in which it was shown, ISO 3166-1 alpha-2.',
  `visitorId` String COMMENT 'The browser or app installation that landed in the shop.',
  `cost` Decimal(18, 2) COMMENT 'What the network charges for it, in `currency`.',
  `currency` String COMMENT 'ISO 4217 code; networks charge euros.',
  `clickedAt` DateTime64(3, 'UTC') COMMENT 'When it was clicked.',
  `flags` Array(String) COMMENT 'What the rules find in the row as it stands, e.g. `outlier:quantity`; empty: nothing.',
  `source` String COMMENT 'The system whose record this change is due to.',
  `sources` Array(String) COMMENT 'Systems that told of it so far, the most trusted first.',
  `copies` Int32 COMMENT 'Records about it so far, of all systems.',
  `told` LowCardinality(String) COMMENT 'What that record is: the first of all, a duplicate of the same system, its next version, or the first of another system.',
  `findings` Array(String) COMMENT 'What the rules find in that record alone.',
  `wanted` Int32 COMMENT 'Columns that it should have filled.',
  `arrivedAt` DateTime64(3, 'UTC') COMMENT 'When it was written to Kafka.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.',
  `_version` UInt64 COMMENT 'The row with the largest is the latest of its identity.',
  `_deleted` UInt8 COMMENT '1 where the row was retracted.'
)
ENGINE = ReplacingMergeTree(`_version`, `_deleted`)
ORDER BY (`campaignId`, `clickId`)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'A click on an advertisement that led to the shop, cleaned from ads.ad-clicks.v1.';

CREATE VIEW IF NOT EXISTS `silver`.`ad_visits_latest` AS
SELECT
  `clickId`,
  `campaignId`,
  `campaignName`,
  `channel`,
  `country`,
  `visitorId`,
  `cost`,
  `currency`,
  `clickedAt`,
  `flags`,
  `source`,
  `sources`,
  `copies`,
  `told`,
  `findings`,
  `wanted`,
  `arrivedAt`
FROM `silver`.`ad_visits` FINAL;

CREATE TABLE IF NOT EXISTS `silver`.`buyers`
(
  `customerId` String COMMENT 'The customer.',
  `country` Nullable(String) COMMENT 'ISO 3166-1 alpha-2 code.',
  `language` Nullable(String) COMMENT 'ISO 639-1 code in which the customer is written to; only the CRM knows.',
  `status` LowCardinality(Nullable(String)) COMMENT 'CLOSED: the account was closed; only the CRM knows.',
  `registeredAt` DateTime64(3, 'UTC') COMMENT 'When the customer registered.',
  `changedAt` DateTime64(3, 'UTC') COMMENT 'From when on this version holds.',
  `flags` Array(String) COMMENT 'What the rules find in the row as it stands, e.g. `outlier:quantity`; empty: nothing.',
  `source` String COMMENT 'The system whose record this change is due to.',
  `sources` Array(String) COMMENT 'Systems that told of it so far, the most trusted first.',
  `copies` Int32 COMMENT 'Records about it so far, of all systems.',
  `told` LowCardinality(String) COMMENT 'What that record is: the first of all, a duplicate of the same system, its next version, or the first of another system.',
  `findings` Array(String) COMMENT 'What the rules find in that record alone.',
  `wanted` Int32 COMMENT 'Columns that it should have filled.',
  `arrivedAt` DateTime64(3, 'UTC') COMMENT 'When it was written to Kafka.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.',
  `_version` UInt64 COMMENT 'The row with the largest is the latest of its identity.',
  `_deleted` UInt8 COMMENT '1 where the row was retracted.'
)
ENGINE = ReplacingMergeTree(`_version`, `_deleted`)
ORDER BY (`customerId`)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'A customer, cleaned and merged from crm.masked-customers.v1 and ventes.masked-clients.v1; the latest version.';

CREATE VIEW IF NOT EXISTS `silver`.`buyers_latest` AS
SELECT
  `customerId`,
  `country`,
  `language`,
  `status`,
  `registeredAt`,
  `changedAt`,
  `flags`,
  `source`,
  `sources`,
  `copies`,
  `told`,
  `findings`,
  `wanted`,
  `arrivedAt`
FROM `silver`.`buyers` FINAL;

CREATE TABLE IF NOT EXISTS `silver`.`checkouts`
(
  `checkoutId` String COMMENT 'The attempt to pay: `eventId`.',
  `visitorId` String COMMENT 'The browser or app installation.',
  `sessionId` String COMMENT 'One visit.',
  `customerId` String COMMENT 'The customer who was signed in.',
  `orderId` String COMMENT 'The order that it pays; one may be tried several times.',
  `country` String COMMENT 'ISO 3166-1 alpha-2 code of the shop front.',
  `device` LowCardinality(String) COMMENT 'The kind of device used.',
  `status` LowCardinality(String) COMMENT 'Whether the payment went through.',
  `refusalReason` Nullable(String) COMMENT 'Why it was refused; null where it was paid.',
  `amount` Decimal(18, 2) COMMENT 'Total to pay, tax included, in `currency`.',
  `currency` String COMMENT 'ISO 4217 code.',
  `items` Int32 COMMENT 'Pieces in the order.',
  `paymentMethod` LowCardinality(String) COMMENT 'How the shopper pays.',
  `occurredAt` DateTime64(3, 'UTC') COMMENT 'When the checkout ended.',
  `flags` Array(String) COMMENT 'What the rules find in the row as it stands, e.g. `outlier:quantity`; empty: nothing.',
  `source` String COMMENT 'The system whose record this change is due to.',
  `sources` Array(String) COMMENT 'Systems that told of it so far, the most trusted first.',
  `copies` Int32 COMMENT 'Records about it so far, of all systems.',
  `told` LowCardinality(String) COMMENT 'What that record is: the first of all, a duplicate of the same system, its next version, or the first of another system.',
  `findings` Array(String) COMMENT 'What the rules find in that record alone.',
  `wanted` Int32 COMMENT 'Columns that it should have filled.',
  `arrivedAt` DateTime64(3, 'UTC') COMMENT 'When it was written to Kafka.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.',
  `_version` UInt64 COMMENT 'The row with the largest is the latest of its identity.',
  `_deleted` UInt8 COMMENT '1 where the row was retracted.'
)
ENGINE = ReplacingMergeTree(`_version`, `_deleted`)
ORDER BY (`visitorId`, `checkoutId`)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'A checkout of the web shop, paid or refused, cleaned from shop.masked-purchases.v1.';

CREATE VIEW IF NOT EXISTS `silver`.`checkouts_latest` AS
SELECT
  `checkoutId`,
  `visitorId`,
  `sessionId`,
  `customerId`,
  `orderId`,
  `country`,
  `device`,
  `status`,
  `refusalReason`,
  `amount`,
  `currency`,
  `items`,
  `paymentMethod`,
  `occurredAt`,
  `flags`,
  `source`,
  `sources`,
  `copies`,
  `told`,
  `findings`,
  `wanted`,
  `arrivedAt`
FROM `silver`.`checkouts` FINAL;

CREATE TABLE IF NOT EXISTS `silver`.`code_uses`
(
  `redemptionId` String COMMENT 'The redemption.',
  `code` String COMMENT 'The code as the shop has it.',
  `influencerId` String COMMENT 'Whose code it is; `unknown` where nobody has it.',
  `orderId` String COMMENT 'The order it was used with.',
  `customerId` String COMMENT 'Who used it.',
  `discount` Decimal(18, 2) COMMENT 'What it took off, in `currency`.',
  `currency` String COMMENT 'ISO 4217 code.',
  `usedAt` DateTime64(3, 'UTC') COMMENT 'When the order was placed.',
  `flags` Array(String) COMMENT 'What the rules find in the row as it stands, e.g. `outlier:quantity`; empty: nothing.',
  `source` String COMMENT 'The system whose record this change is due to.',
  `sources` Array(String) COMMENT 'Systems that told of it so far, the most trusted first.',
  `copies` Int32 COMMENT 'Records about it so far, of all systems.',
  `told` LowCardinality(String) COMMENT 'What that record is: the first of all, a duplicate of the same system, its next version, or the first of another system.',
  `findings` Array(String) COMMENT 'What the rules find in that record alone.',
  `wanted` Int32 COMMENT 'Columns that it should have filled.',
  `arrivedAt` DateTime64(3, 'UTC') COMMENT 'When it was written to Kafka.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.',
  `_version` UInt64 COMMENT 'The row with the largest is the latest of its identity.',
  `_deleted` UInt8 COMMENT '1 where the row was retracted.'
)
ENGINE = ReplacingMergeTree(`_version`, `_deleted`)
ORDER BY (`code`, `redemptionId`)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'A discount code that was used with an order, cleaned from influencers.redemptions.v1.';

CREATE VIEW IF NOT EXISTS `silver`.`code_uses_latest` AS
SELECT
  `redemptionId`,
  `code`,
  `influencerId`,
  `orderId`,
  `customerId`,
  `discount`,
  `currency`,
  `usedAt`,
  `flags`,
  `source`,
  `sources`,
  `copies`,
  `told`,
  `findings`,
  `wanted`,
  `arrivedAt`
FROM `silver`.`code_uses` FINAL;

CREATE TABLE IF NOT EXISTS `silver`.`departures`
(
  `flightId` String COMMENT 'The flight.',
  `origin` String COMMENT 'FAA code of the airport of departure.',
  `destination` String COMMENT 'FAA code of the airport of arrival.',
  `destinationName` String COMMENT 'Its usual name; `unknown` where aviation.airports.v1 has no row.',
  `carrier` String COMMENT 'IATA code of the carrier.',
  `tailNumber` Nullable(String) COMMENT 'Registration of the plane.',
  `departureDelayMinutes` Nullable(Int32) COMMENT 'Negative where early; null where it did not depart.',
  `arrivalDelayMinutes` Nullable(Int32) COMMENT 'Negative where early; null where it did not arrive as planned.',
  `distanceKilometers` Int32 COMMENT 'Distance between the airports.',
  `scheduledAt` DateTime64(3, 'UTC') COMMENT 'Scheduled instant of departure.',
  `flags` Array(String) COMMENT 'What the rules find in the row as it stands, e.g. `outlier:quantity`; empty: nothing.',
  `source` String COMMENT 'The system whose record this change is due to.',
  `sources` Array(String) COMMENT 'Systems that told of it so far, the most trusted first.',
  `copies` Int32 COMMENT 'Records about it so far, of all systems.',
  `told` LowCardinality(String) COMMENT 'What that record is: the first of all, a duplicate of the same system, its next version, or the first of another system.',
  `findings` Array(String) COMMENT 'What the rules find in that record alone.',
  `wanted` Int32 COMMENT 'Columns that it should have filled.',
  `arrivedAt` DateTime64(3, 'UTC') COMMENT 'When it was written to Kafka.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.',
  `_version` UInt64 COMMENT 'The row with the largest is the latest of its identity.',
  `_deleted` UInt8 COMMENT '1 where the row was retracted.'
)
ENGINE = ReplacingMergeTree(`_version`, `_deleted`)
PARTITION BY toYYYYMM(`scheduledAt`)
ORDER BY (`origin`, `scheduledAt`, `flightId`)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'A departure of aviation.flights.v1, cleaned; distance in kilometres.';

CREATE VIEW IF NOT EXISTS `silver`.`departures_latest` AS
SELECT
  `flightId`,
  `origin`,
  `destination`,
  `destinationName`,
  `carrier`,
  `tailNumber`,
  `departureDelayMinutes`,
  `arrivalDelayMinutes`,
  `distanceKilometers`,
  `scheduledAt`,
  `flags`,
  `source`,
  `sources`,
  `copies`,
  `told`,
  `findings`,
  `wanted`,
  `arrivedAt`
FROM `silver`.`departures` FINAL;

CREATE TABLE IF NOT EXISTS `silver`.`hourly_weather`
(
  `airport` String COMMENT 'FAA or IATA code.',
  `temperatureCelsius` Nullable(Float64) COMMENT 'Air temperature.',
  `windMetersPerSecond` Nullable(Float64) COMMENT 'Wind speed.',
  `precipitationMillimeters` Nullable(Float64) COMMENT 'Rain and snow of the hour.',
  `visibilityMeters` Nullable(Int32) COMMENT 'Visibility.',
  `observedAt` DateTime64(3, 'UTC') COMMENT 'When it was observed.',
  `flags` Array(String) COMMENT 'What the rules find in the row as it stands, e.g. `outlier:quantity`; empty: nothing.',
  `source` String COMMENT 'The system whose record this change is due to.',
  `sources` Array(String) COMMENT 'Systems that told of it so far, the most trusted first.',
  `copies` Int32 COMMENT 'Records about it so far, of all systems.',
  `told` LowCardinality(String) COMMENT 'What that record is: the first of all, a duplicate of the same system, its next version, or the first of another system.',
  `findings` Array(String) COMMENT 'What the rules find in that record alone.',
  `wanted` Int32 COMMENT 'Columns that it should have filled.',
  `arrivedAt` DateTime64(3, 'UTC') COMMENT 'When it was written to Kafka.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.',
  `_version` UInt64 COMMENT 'The row with the largest is the latest of its identity.',
  `_deleted` UInt8 COMMENT '1 where the row was retracted.'
)
ENGINE = ReplacingMergeTree(`_version`, `_deleted`)
PARTITION BY toYYYYMM(`observedAt`)
ORDER BY (`airport`, `observedAt`)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'The weather at an airport in an hour, cleaned and merged from weather.observations.v1 (American units) and weather.reports.v1, in metric units.';

CREATE VIEW IF NOT EXISTS `silver`.`hourly_weather_latest` AS
SELECT
  `airport`,
  `temperatureCelsius`,
  `windMetersPerSecond`,
  `precipitationMillimeters`,
  `visibilityMeters`,
  `observedAt`,
  `flags`,
  `source`,
  `sources`,
  `copies`,
  `told`,
  `findings`,
  `wanted`,
  `arrivedAt`
FROM `silver`.`hourly_weather` FINAL;

CREATE TABLE IF NOT EXISTS `silver`.`ordered_products`
(
  `orderId` String COMMENT 'The order.',
  `productId` String COMMENT 'The product.',
  `customerId` String COMMENT 'Who ordered.',
  `category` String COMMENT 'Its category.',
  `quantity` Int32 COMMENT 'Pieces.',
  `unitPrice` Decimal(18, 2) COMMENT 'Price of one piece as charged, in `currency`.',
  `currency` String COMMENT 'ISO 4217 code.',
  `placedAt` DateTime64(3, 'UTC') COMMENT 'When the order was paid for.',
  `flags` Array(String) COMMENT 'What the rules find in the row as it stands, e.g. `outlier:quantity`; empty: nothing.',
  `source` String COMMENT 'The system whose record this change is due to.',
  `sources` Array(String) COMMENT 'Systems that told of it so far, the most trusted first.',
  `copies` Int32 COMMENT 'Records about it so far, of all systems.',
  `told` LowCardinality(String) COMMENT 'What that record is: the first of all, a duplicate of the same system, its next version, or the first of another system.',
  `findings` Array(String) COMMENT 'What the rules find in that record alone.',
  `wanted` Int32 COMMENT 'Columns that it should have filled.',
  `arrivedAt` DateTime64(3, 'UTC') COMMENT 'When it was written to Kafka.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.',
  `_version` UInt64 COMMENT 'The row with the largest is the latest of its identity.',
  `_deleted` UInt8 COMMENT '1 where the row was retracted.'
)
ENGINE = ReplacingMergeTree(`_version`, `_deleted`)
ORDER BY (`customerId`, `orderId`, `productId`)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'A product of an order, cleaned and merged from crm.order-lines.v1 and electronics.order-rows.v1; one row an identity, one record a record of theirs.';

CREATE VIEW IF NOT EXISTS `silver`.`ordered_products_latest` AS
SELECT
  `orderId`,
  `productId`,
  `customerId`,
  `category`,
  `quantity`,
  `unitPrice`,
  `currency`,
  `placedAt`,
  `flags`,
  `source`,
  `sources`,
  `copies`,
  `told`,
  `findings`,
  `wanted`,
  `arrivedAt`
FROM `silver`.`ordered_products` FINAL;

CREATE TABLE IF NOT EXISTS `silver`.`sales`
(
  `saleId` String COMMENT 'The line: `id_achat`.',
  `customerId` String COMMENT 'Who bought: `id_client`.',
  `product` String COMMENT 'The product, by its name: `produit`.',
  `amount` Decimal(18, 2) COMMENT 'Paid for the line, tax included, in `currency`: `montant`.',
  `currency` String COMMENT 'ISO 4217 code; the source has euros alone.',
  `soldAt` DateTime64(3, 'UTC') COMMENT 'When it was paid for: `date_achat`.',
  `flags` Array(String) COMMENT 'What the rules find in the row as it stands, e.g. `outlier:quantity`; empty: nothing.',
  `source` String COMMENT 'The system whose record this change is due to.',
  `sources` Array(String) COMMENT 'Systems that told of it so far, the most trusted first.',
  `copies` Int32 COMMENT 'Records about it so far, of all systems.',
  `told` LowCardinality(String) COMMENT 'What that record is: the first of all, a duplicate of the same system, its next version, or the first of another system.',
  `findings` Array(String) COMMENT 'What the rules find in that record alone.',
  `wanted` Int32 COMMENT 'Columns that it should have filled.',
  `arrivedAt` DateTime64(3, 'UTC') COMMENT 'When it was written to Kafka.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.',
  `_version` UInt64 COMMENT 'The row with the largest is the latest of its identity.',
  `_deleted` UInt8 COMMENT '1 where the row was retracted.'
)
ENGINE = ReplacingMergeTree(`_version`, `_deleted`)
ORDER BY (`customerId`, `saleId`)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'A line of ventes.achats.v1, cleaned, under standard names.';

CREATE VIEW IF NOT EXISTS `silver`.`sales_latest` AS
SELECT
  `saleId`,
  `customerId`,
  `product`,
  `amount`,
  `currency`,
  `soldAt`,
  `flags`,
  `source`,
  `sources`,
  `copies`,
  `told`,
  `findings`,
  `wanted`,
  `arrivedAt`
FROM `silver`.`sales` FINAL;

CREATE TABLE IF NOT EXISTS `silver`.`stock_changes`
(
  `movementId` String COMMENT 'The movement.',
  `productId` String COMMENT 'The product.',
  `category` String COMMENT 'The category of the product; `unknown` where the catalogue does not have it.',
  `warehouse` String COMMENT 'The warehouse.',
  `reason` LowCardinality(String) COMMENT 'Why: as inventory.stock-movements.v1 has it.',
  `quantity` Int32 COMMENT 'Pieces: positive where they came in.',
  `orderId` Nullable(String) COMMENT 'The order that it belongs to.',
  `movedAt` DateTime64(3, 'UTC') COMMENT 'When.',
  `flags` Array(String) COMMENT 'What the rules find in the row as it stands, e.g. `outlier:quantity`; empty: nothing.',
  `source` String COMMENT 'The system whose record this change is due to.',
  `sources` Array(String) COMMENT 'Systems that told of it so far, the most trusted first.',
  `copies` Int32 COMMENT 'Records about it so far, of all systems.',
  `told` LowCardinality(String) COMMENT 'What that record is: the first of all, a duplicate of the same system, its next version, or the first of another system.',
  `findings` Array(String) COMMENT 'What the rules find in that record alone.',
  `wanted` Int32 COMMENT 'Columns that it should have filled.',
  `arrivedAt` DateTime64(3, 'UTC') COMMENT 'When it was written to Kafka.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.',
  `_version` UInt64 COMMENT 'The row with the largest is the latest of its identity.',
  `_deleted` UInt8 COMMENT '1 where the row was retracted.'
)
ENGINE = ReplacingMergeTree(`_version`, `_deleted`)
ORDER BY (`productId`, `movementId`)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Pieces of a product that came into a warehouse or left it, cleaned from inventory.stock-movements.v1.';

CREATE VIEW IF NOT EXISTS `silver`.`stock_changes_latest` AS
SELECT
  `movementId`,
  `productId`,
  `category`,
  `warehouse`,
  `reason`,
  `quantity`,
  `orderId`,
  `movedAt`,
  `flags`,
  `source`,
  `sources`,
  `copies`,
  `told`,
  `findings`,
  `wanted`,
  `arrivedAt`
FROM `silver`.`stock_changes` FINAL;

CREATE TABLE IF NOT EXISTS `silver`.`store_sales`
(
  `productId` Int64 COMMENT 'The product.',
  `householdId` Int64 COMMENT 'The household that bought.',
  `basketId` Int64 COMMENT 'The basket.',
  `storeId` Int64 COMMENT 'The store.',
  `department` String COMMENT 'Department that sells it; `unknown` where the product has no row or no department.',
  `category` String COMMENT 'Category within the department; `unknown` likewise.',
  `quantity` Int64 COMMENT 'Pieces; zero and below occur and are kept, with a flag.',
  `amount` Decimal(18, 2) COMMENT 'What the retailer received for the line, in `currency`.',
  `discount` Decimal(18, 2) COMMENT 'All that was taken off: card, coupon and its match, in `currency`.',
  `currency` String COMMENT 'ISO 4217 code; the source has US dollars alone.',
  `purchasedAt` DateTime64(3, 'UTC') COMMENT 'Instant of the purchase.',
  `flags` Array(String) COMMENT 'What the rules find in the row as it stands, e.g. `outlier:quantity`; empty: nothing.',
  `source` String COMMENT 'The system whose record this change is due to.',
  `sources` Array(String) COMMENT 'Systems that told of it so far, the most trusted first.',
  `copies` Int32 COMMENT 'Records about it so far, of all systems.',
  `told` LowCardinality(String) COMMENT 'What that record is: the first of all, a duplicate of the same system, its next version, or the first of another system.',
  `findings` Array(String) COMMENT 'What the rules find in that record alone.',
  `wanted` Int32 COMMENT 'Columns that it should have filled.',
  `arrivedAt` DateTime64(3, 'UTC') COMMENT 'When it was written to Kafka.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.',
  `_version` UInt64 COMMENT 'The row with the largest is the latest of its identity.',
  `_deleted` UInt8 COMMENT '1 where the row was retracted.'
)
ENGINE = ReplacingMergeTree(`_version`, `_deleted`)
PARTITION BY toYYYYMM(`purchasedAt`)
ORDER BY (`productId`, `householdId`, `basketId`, `storeId`, `purchasedAt`)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'A line of retail.purchase-lines.v1, cleaned; department and category `unknown` where the product is.';

CREATE VIEW IF NOT EXISTS `silver`.`store_sales_latest` AS
SELECT
  `productId`,
  `householdId`,
  `basketId`,
  `storeId`,
  `department`,
  `category`,
  `quantity`,
  `amount`,
  `discount`,
  `currency`,
  `purchasedAt`,
  `flags`,
  `source`,
  `sources`,
  `copies`,
  `told`,
  `findings`,
  `wanted`,
  `arrivedAt`
FROM `silver`.`store_sales` FINAL;

CREATE TABLE IF NOT EXISTS `silver`.`web_actions`
(
  `actionId` String COMMENT 'The interaction.',
  `visitorId` String COMMENT 'The browser or app installation: `user_id`.',
  `sessionId` String COMMENT 'One visit.',
  `action` LowCardinality(String) COMMENT 'What was done.',
  `productId` Nullable(String) COMMENT 'The product looked at or clicked.',
  `page` Nullable(String) COMMENT 'Path of the page.',
  `orderId` Nullable(String) COMMENT 'The order that a purchase pays.',
  `amount` Nullable(Decimal(18, 2)) COMMENT 'Total of a purchase; the log names no currency.',
  `occurredAt` DateTime64(3, 'UTC') COMMENT 'When.',
  `flags` Array(String) COMMENT 'What the rules find in the row as it stands, e.g. `outlier:quantity`; empty: nothing.',
  `source` String COMMENT 'The system whose record this change is due to.',
  `sources` Array(String) COMMENT 'Systems that told of it so far, the most trusted first.',
  `copies` Int32 COMMENT 'Records about it so far, of all systems.',
  `told` LowCardinality(String) COMMENT 'What that record is: the first of all, a duplicate of the same system, its next version, or the first of another system.',
  `findings` Array(String) COMMENT 'What the rules find in that record alone.',
  `wanted` Int32 COMMENT 'Columns that it should have filled.',
  `arrivedAt` DateTime64(3, 'UTC') COMMENT 'When it was written to Kafka.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.',
  `_version` UInt64 COMMENT 'The row with the largest is the latest of its identity.',
  `_deleted` UInt8 COMMENT '1 where the row was retracted.'
)
ENGINE = ReplacingMergeTree(`_version`, `_deleted`)
ORDER BY (`visitorId`, `actionId`)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'What a visitor did, cleaned from electronics.interactions.v1.';

CREATE VIEW IF NOT EXISTS `silver`.`web_actions_latest` AS
SELECT
  `actionId`,
  `visitorId`,
  `sessionId`,
  `action`,
  `productId`,
  `page`,
  `orderId`,
  `amount`,
  `occurredAt`,
  `flags`,
  `source`,
  `sources`,
  `copies`,
  `told`,
  `findings`,
  `wanted`,
  `arrivedAt`
FROM `silver`.`web_actions` FINAL;

CREATE DATABASE IF NOT EXISTS `truth`;

CREATE TABLE IF NOT EXISTS `truth`.`order_causes`
(
  `orderId` String COMMENT 'The order.',
  `customerId` String COMMENT 'Who ordered.',
  `cause` LowCardinality(String) COMMENT 'ORGANIC orders would have been placed anyway; without the campaign or the post the others would not.',
  `campaignId` Nullable(String) COMMENT 'The campaign that caused it.',
  `postId` Nullable(String) COMMENT 'The influencer\'s post that caused it.',
  `firstOrder` Bool COMMENT 'True for the order with which the customer registered.',
  `placedAt` DateTime64(3, 'UTC') COMMENT 'When the order was paid for.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.'
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(`placedAt`)
ORDER BY (`placedAt`, `_partition`, `_offset`)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'Why a generated order was really placed, to check attribution against.';

CREATE TABLE IF NOT EXISTS `truth`.`promotion_effects`
(
  `promotionId` String COMMENT 'The promotion.',
  `category` String COMMENT 'The category whose prices are reduced.',
  `orderFactor` Float64 COMMENT 'Orders whose first line is of the category, in countries and at times of the promotion, over what they would be without.',
  `startsAt` DateTime64(3, 'UTC') COMMENT 'First instant of the effect.',
  `endsAt` DateTime64(3, 'UTC') COMMENT 'First instant without it.',
  `announcedAt` DateTime64(3, 'UTC') COMMENT 'When the promotion was announced.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.',
  `_version` UInt64 COMMENT 'The row with the largest is the latest of its identity.',
  `_deleted` UInt8 COMMENT '1 where the row was retracted.'
)
ENGINE = ReplacingMergeTree(`_version`, `_deleted`)
ORDER BY (`promotionId`)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'What a generated promotion really does, to check analyses against: known only because the world is made up.';

CREATE VIEW IF NOT EXISTS `truth`.`promotion_effects_latest` AS
SELECT
  `promotionId`,
  `category`,
  `orderFactor`,
  `startsAt`,
  `endsAt`,
  `announcedAt`
FROM `truth`.`promotion_effects` FINAL;

CREATE TABLE IF NOT EXISTS `truth`.`staged_incidents`
(
  `kind` LowCardinality(String) COMMENT 'What happens: see `kappa produce web --help`.',
  `startsAt` DateTime64(3, 'UTC') COMMENT 'First instant.',
  `endsAt` DateTime64(3, 'UTC') COMMENT 'First instant after it.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.'
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(`startsAt`)
ORDER BY (`startsAt`, `_partition`, `_offset`)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'An incident that was asked for when the world was made, to check detection against.';

CREATE DATABASE IF NOT EXISTS `ventes`;

CREATE TABLE IF NOT EXISTS `ventes`.`achats`
(
  `idAchat` String COMMENT 'Order and line: unique.',
  `idClient` String COMMENT 'Who bought.',
  `dateAchat` DateTime64(3, 'UTC') COMMENT 'When it was paid for.',
  `montant` Decimal(18, 2) COMMENT 'Paid for this line, tax included, in euros.',
  `produit` String COMMENT 'The product, by the name in inventory.catalogue-items.v1.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.'
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(`dateAchat`)
ORDER BY (`dateAchat`, `_partition`, `_offset`)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'A purchase, as the retailer’s database has it: one row per line of an order of crm.orders.v1.';

CREATE TABLE IF NOT EXISTS `ventes`.`clients`
(
  `idClient` String COMMENT 'The client: the customer of crm.customers.v1.',
  `nom` String COMMENT 'Name as given at registration, sealed.',
  `email` String COMMENT 'As given at registration, sealed.',
  `dateInscription` DateTime64(3, 'UTC') COMMENT 'When the client registered.',
  `pays` String COMMENT 'Country, ISO 3166-1 alpha-2.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.',
  `_version` UInt64 COMMENT 'The row with the largest is the latest of its identity.',
  `_deleted` UInt8 COMMENT '1 where the row was retracted.'
)
ENGINE = ReplacingMergeTree(`_version`, `_deleted`)
ORDER BY (`idClient`)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'A client of the shop, as the retailer’s database has them. Personal fields are sealed by the producer; subscribe to ventes.masked-clients.v1 instead.';

CREATE VIEW IF NOT EXISTS `ventes`.`clients_latest` AS
SELECT
  `idClient`,
  `nom`,
  `email`,
  `dateInscription`,
  `pays`
FROM `ventes`.`clients` FINAL;

CREATE TABLE IF NOT EXISTS `ventes`.`masked_clients`
(
  `idClient` String COMMENT 'The client: the customer of crm.customers.v1.',
  `emailPseudonym` Nullable(String) COMMENT 'Stands for the e-mail: equal for equal addresses of one client, `erased` after an erasure.',
  `dateInscription` DateTime64(3, 'UTC') COMMENT 'When the client registered.',
  `pays` String COMMENT 'Country, ISO 3166-1 alpha-2.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.',
  `_version` UInt64 COMMENT 'The row with the largest is the latest of its identity.',
  `_deleted` UInt8 COMMENT '1 where the row was retracted.'
)
ENGINE = ReplacingMergeTree(`_version`, `_deleted`)
ORDER BY (`idClient`)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'A client of the shop. Personal fields are masked.';

CREATE VIEW IF NOT EXISTS `ventes`.`masked_clients_latest` AS
SELECT
  `idClient`,
  `emailPseudonym`,
  `dateInscription`,
  `pays`
FROM `ventes`.`masked_clients` FINAL;

CREATE DATABASE IF NOT EXISTS `weather`;

CREATE TABLE IF NOT EXISTS `weather`.`observations`
(
  `origin` String COMMENT 'FAA code of the airport.',
  `temperatureFahrenheit` Nullable(Float64) COMMENT 'Air temperature.',
  `dewPointFahrenheit` Nullable(Float64) COMMENT 'Dew point.',
  `humidityPercent` Nullable(Float64) COMMENT 'Relative humidity.',
  `windDirectionDegrees` Nullable(Int32) COMMENT 'Where the wind comes from; 0 is calm or north.',
  `windSpeedMilesPerHour` Nullable(Float64) COMMENT 'Wind speed.',
  `windGustMilesPerHour` Nullable(Float64) COMMENT 'Gusts.',
  `precipitationInches` Nullable(Float64) COMMENT 'Rain and snow of the hour.',
  `pressureMillibars` Nullable(Float64) COMMENT 'Pressure at sea level.',
  `visibilityMiles` Nullable(Float64) COMMENT 'Visibility.',
  `observedAt` DateTime64(3, 'UTC') COMMENT 'Start of the hour observed.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.',
  `_version` UInt64 COMMENT 'The row with the largest is the latest of its identity.',
  `_deleted` UInt8 COMMENT '1 where the row was retracted.'
)
ENGINE = ReplacingMergeTree(`_version`, `_deleted`)
PARTITION BY toYYYYMM(`observedAt`)
ORDER BY (`origin`, `observedAt`)
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'The weather at an airport of New York, observed hourly.';

CREATE VIEW IF NOT EXISTS `weather`.`observations_latest` AS
SELECT
  `origin`,
  `temperatureFahrenheit`,
  `dewPointFahrenheit`,
  `humidityPercent`,
  `windDirectionDegrees`,
  `windSpeedMilesPerHour`,
  `windGustMilesPerHour`,
  `precipitationInches`,
  `pressureMillibars`,
  `visibilityMiles`,
  `observedAt`
FROM `weather`.`observations` FINAL;

CREATE TABLE IF NOT EXISTS `weather`.`reports`
(
  `airport` String COMMENT 'IATA code.',
  `temperatureCelsius` Float64 COMMENT 'Air temperature.',
  `windMetersPerSecond` Float64 COMMENT 'Wind speed.',
  `precipitationMillimeters` Float64 COMMENT 'Rain and snow of the hour.',
  `visibilityMeters` Int32 COMMENT 'Visibility.',
  `condition` LowCardinality(String) COMMENT 'In one word.',
  `observedAt` DateTime64(3, 'UTC') COMMENT 'When it was observed.',
  `_topic` LowCardinality(String) COMMENT 'Kafka topic that the row was read from.',
  `_partition` Int32 COMMENT 'Its partition.',
  `_offset` Int64 COMMENT 'Its offset.',
  `_generation` UInt32 COMMENT 'Generation of the processor that wrote it.',
  `_writtenAt` DateTime64(3, 'UTC') COMMENT 'When the cut was decided; retention counts from here.',
  `_hash` UInt64 COMMENT '64 bits of a hash of the raw record and its position.',
  `_version` UInt64 COMMENT 'The row with the largest is the latest of its identity.',
  `_deleted` UInt8 COMMENT '1 where the row was retracted.'
)
ENGINE = ReplacingMergeTree(`_version`, `_deleted`)
PARTITION BY toYYYYMM(`observedAt`)
ORDER BY (`airport`, `observedAt`)
TTL toDateTime(`_writtenAt`) + INTERVAL 34560000 SECOND
SETTINGS non_replicated_deduplication_window = 10000
COMMENT 'The weather at an airport of the live timetable.';

CREATE VIEW IF NOT EXISTS `weather`.`reports_latest` AS
SELECT
  `airport`,
  `temperatureCelsius`,
  `windMetersPerSecond`,
  `precipitationMillimeters`,
  `visibilityMeters`,
  `condition`,
  `observedAt`
FROM `weather`.`reports` FINAL;

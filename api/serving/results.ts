import { type AnyTopic, tableOf } from '#engine/schema'
import { adCampaigns, adSpend, delays, schedules } from '#schemas'
import { columnOf, type Relation } from './relation.ts'

const placeOf = (topic: AnyTopic): string => {
  const { database, name } = tableOf(topic)
  return `${database}.${name}`
}

/** Columns of a topic's table as they are; personal ones left out. */
const fieldsOf = (topic: AnyTopic, ...names: readonly string[]) =>
  tableOf(topic)
    .fields.filter(({ name }) => names.includes(name))
    .filter(({ name }) => topic.contract.fields.find((field) => field.name === name)?.pii === undefined)
    .map(({ name, type, comment }) => columnOf(name, type, comment))

/** The live timetable, each departure with what has become of it so far. */
export const flights: Relation = {
  name: 'flights',
  from: `(
  SELECT s.flightId AS flightId, carrier, flightNumber, origin, destination, departsAt, arrivesAt,
    if(d.flightId = '', 'SCHEDULED', d.status) AS status,
    if(d.flightId = '', NULL, d.delayMinutes) AS delayMinutes,
    if(d.flightId = '', NULL, d.cause) AS cause,
    if(d.flightId = '', NULL, d.reportedAt) AS reportedAt
  FROM (SELECT * FROM ${placeOf(schedules)} FINAL) AS s
  LEFT JOIN (
    SELECT flightId, argMax(delays.status, delays.reportedAt) AS status,
      argMax(delays.delayMinutes, delays.reportedAt) AS delayMinutes,
      argMax(toString(delays.cause), delays.reportedAt) AS cause, max(delays.reportedAt) AS reportedAt
    FROM ${placeOf(delays)} AS delays
    GROUP BY flightId
  ) AS d ON d.flightId = s.flightId
)`,
  columns: [
    ...fieldsOf(schedules, 'flightId', 'carrier', 'flightNumber', 'origin', 'destination', 'departsAt', 'arrivesAt'),
    columnOf('status', 'String', 'SCHEDULED, DEPARTED or CANCELLED.'),
    columnOf('delayMinutes', 'Nullable(Int32)', 'Departure behind schedule; null before it departed.'),
    columnOf(
      'cause',
      'Nullable(String)',
      'What most of the delay is due to: NONE, WEATHER, CARRIER, TRAFFIC, UNKNOWN.',
    ),
    columnOf('reportedAt', "Nullable(DateTime64(3, 'UTC'))", 'When it departed, or was cancelled.'),
  ],
  key: ['departsAt', 'flightId'],
  tables: [placeOf(schedules), placeOf(delays)],
}

/** Campaigns with what their networks reported of them, the latest report of each period counting. */
export const campaigns: Relation = {
  name: 'campaigns',
  from: `(
  SELECT c.campaignId AS campaignId, name, channel, country, dailyBudget, startsAt, endsAt,
    s.impressions AS impressions, s.clicks AS clicks, s.spend AS spend,
    if(s.campaignId = '', NULL, s.reportedUntil) AS reportedUntil
  FROM (SELECT * FROM ${placeOf(adCampaigns)} FINAL) AS c
  LEFT JOIN (
    SELECT campaignId, sum(reports.impressions) AS impressions, sum(reports.clicks) AS clicks,
      sum(reports.spend) AS spend, max(reports.periodEnd) AS reportedUntil
    FROM ${placeOf(adSpend)} AS reports FINAL
    GROUP BY campaignId
  ) AS s ON s.campaignId = c.campaignId
)`,
  columns: [
    ...fieldsOf(adCampaigns, 'campaignId', 'name', 'channel', 'country', 'dailyBudget', 'startsAt', 'endsAt'),
    columnOf('impressions', 'Int64', 'How often it was shown.'),
    columnOf('clicks', 'Int64', 'How often it was clicked.'),
    columnOf('spend', 'Decimal(38, 2)', 'What the network charges, in euros.'),
    columnOf(
      'reportedUntil',
      "Nullable(DateTime64(3, 'UTC'))",
      'End of the latest period that was reported; null before the first.',
    ),
  ],
  key: ['campaignId'],
  tables: [placeOf(adCampaigns), placeOf(adSpend)],
}

/*
description: Every advertising campaign, as booked or only known from what it cost or led to, and `none` for what no campaign led to.
grain: one row a campaign
owner: marketing
materialized: table
order_by: [campaign_id]
columns:
  campaign_id: { type: String, doc: "The campaign.", unique: true, not_empty: true }
  is_known: { type: Bool, doc: "False where spend or orders name a campaign that nobody booked." }
  name: { type: String, doc: "As marketing calls it; `unknown` where it was not booked.", not_empty: true }
  channel: { type: String, doc: "Where it is shown; `unknown` where it was not booked.", not_empty: true }
  country: { type: String, doc: "Its market, ISO 3166-1 alpha-2; `unknown` where it was not booked.", matches: "^([A-Z]{2}|unknown)$" }
  starts_at: { type: "Nullable(DateTime64(3, '{{time_zone}}'))", doc: "First instant on which it is shown." }
  ends_at: { type: "Nullable(DateTime64(3, '{{time_zone}}'))", doc: "First instant on which it is not any more." }
*/
SELECT
  campaign_id,
  CAST(max(booked) AS Bool) AS is_known,
  if(is_known, anyIf(its_name, booked), 'unknown') AS name,
  if(is_known, anyIf(its_channel, booked), 'unknown') AS channel,
  if(is_known, anyIf(its_country, booked), 'unknown') AS country,
  toTimeZone(anyIf(its_start, booked), '{{time_zone}}') AS starts_at,
  toTimeZone(anyIf(its_end, booked), '{{time_zone}}') AS ends_at
FROM (
  SELECT
    campaignId AS campaign_id, true AS booked, name AS its_name, CAST(channel AS String) AS its_channel, country AS its_country,
    toNullable(startsAt) AS its_start, toNullable(endsAt) AS its_end
  FROM ads.ad_campaigns_latest
  UNION ALL
  SELECT DISTINCT campaign_id, false, '', '', '', NULL, NULL FROM gold.fact_marketing_spend
  UNION ALL
  SELECT DISTINCT campaign_id, false, '', '', '', NULL, NULL FROM gold.fact_attribution
  UNION ALL
  SELECT 'none', false, '', '', '', NULL, NULL
)
GROUP BY campaign_id

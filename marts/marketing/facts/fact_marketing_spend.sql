/*
description: "What marketing costs by day: what networks charge for campaigns, and what influencers are paid for posts and orders."
grain: one row a day, channel, campaign and influencer with costs
owner: marketing
materialized: table
order_by: [day, channel, campaign_id, influencer_id]
columns:
  day: { type: Date, doc: "Calendar day in the zone of the period's beginning, or on which a fee was booked." }
  channel: { type: String, doc: "Where it was spent.", in: [SEARCH, SOCIAL, DISPLAY, VIDEO, EMAIL, AFFILIATE, INFLUENCER] }
  campaign_id: { type: String, doc: "The campaign; `none` for influencers.", references: dim_campaigns.campaign_id }
  influencer_id: { type: String, doc: "The influencer; `none` for campaigns.", references: dim_influencers.influencer_id }
  spend: { type: "Decimal(38, 2)", doc: "In euros." }
  impressions: { type: Int64, doc: "How often the campaign was shown.", min: 0 }
  clicks: { type: Int64, doc: "How often it was clicked.", min: 0 }
tests:
  - { unique: [day, channel, campaign_id, influencer_id] }
*/
SELECT
  toDate(periodStart, '{{time_zone}}') AS day, CAST(channel AS String) AS channel, campaignId AS campaign_id, 'none' AS influencer_id,
  sum(s.spend) AS spend, sum(s.impressions) AS impressions, sum(s.clicks) AS clicks
FROM ads.ad_spend_latest AS s
GROUP BY day, channel, campaign_id
UNION ALL
SELECT
  toDate(bookedAt, '{{time_zone}}') AS day, 'INFLUENCER' AS channel, 'none' AS campaign_id, influencerId AS influencer_id,
  sum(amount) AS spend, toInt64(0) AS impressions, toInt64(0) AS clicks
FROM (SELECT * FROM influencers.fees ORDER BY feeId, _partition, _offset LIMIT 1 BY feeId)
GROUP BY day, influencer_id

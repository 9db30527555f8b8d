/*
description: Every influencer, from the agency's table or only known from a fee or a code, and `none` for what no influencer led to.
grain: one row an influencer
owner: marketing
materialized: table
order_by: [influencer_id]
columns:
  influencer_id: { type: String, doc: "The influencer, as the agency numbers them.", unique: true, not_empty: true }
  is_known: { type: Bool, doc: "False where fees or orders name an influencer whom the table does not have." }
  platform: { type: String, doc: "Where they post, or `unknown`.", not_empty: true }
  country: { type: String, doc: "Market of most followers, ISO 3166-1 alpha-2, or `unknown`.", matches: "^([A-Z]{2}|unknown)$" }
  category: { type: String, doc: "The category that they speak of, or `unknown`.", not_empty: true }
  followers: { type: Int64, doc: "People who follow them; 0 where not known.", min: 0 }
*/
SELECT
  influencer_id,
  CAST(max(in_table) AS Bool) AS is_known,
  if(is_known, anyIf(its_platform, in_table), 'unknown') AS platform,
  if(is_known, anyIf(its_country, in_table), 'unknown') AS country,
  if(is_known, anyIf(its_category, in_table), 'unknown') AS category,
  anyIf(its_followers, in_table) AS followers
FROM (
  SELECT
    influencerId AS influencer_id, true AS in_table, CAST(platform AS String) AS its_platform, country AS its_country,
    category AS its_category, followers AS its_followers
  FROM influencers.influencers_latest
  UNION ALL
  SELECT DISTINCT influencer_id, false, '', '', '', toInt64(0) FROM gold.fact_marketing_spend
  UNION ALL
  SELECT DISTINCT influencer_id, false, '', '', '', toInt64(0) FROM gold.fact_attribution
  UNION ALL
  SELECT 'none', false, '', '', '', toInt64(0)
)
GROUP BY influencer_id

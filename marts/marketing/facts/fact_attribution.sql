/*
description: What led to every order, by four models of attribution. An order of which no touch is known has one row of the channel UNATTRIBUTED, so that each model adds up to all revenue.
grain: one row an order, model and touch
owner: marketing
materialized: table
order_by: [day, order_id, model, touch_number]
columns:
  order_id: { type: String, doc: "The order.", not_empty: true }
  model: { type: String, doc: "How an order is shared out among its touches. Never add models up.", in: [first_touch, last_touch, linear, time_decay] }
  touch_number: { type: Int32, doc: "Place of the touch by time, from 1; 0 where no touch is known.", min: 0 }
  customer_id: { type: String, doc: "Who ordered.", references: dim_clients.id_client }
  placed_at: { type: "DateTime64(3, '{{time_zone}}')", doc: "When the order was paid for." }
  day: { type: Date, doc: "The calendar day of that instant in the zone.", references: dim_temps.jour }
  is_new_customer: { type: Bool, doc: "The order with which the customer registered: the first, within a day of the registration." }
  is_kept: { type: Bool, doc: "Neither cancelled nor returned so far." }
  channel: { type: String, doc: "What the touch was, or UNATTRIBUTED.", in: [SEARCH, SOCIAL, DISPLAY, VIDEO, EMAIL, AFFILIATE, INFLUENCER, ORGANIC_SEARCH, ORGANIC_SOCIAL, REFERRAL, DIRECT, UNATTRIBUTED] }
  campaign_id: { type: String, doc: "The campaign of a click on an advertisement, or `none`.", references: dim_campaigns.campaign_id }
  influencer_id: { type: String, doc: "Whose code it was; `unknown` where no table says, `none` for other touches.", references: dim_influencers.influencer_id }
  touched_at: { type: "Nullable(DateTime64(3, '{{time_zone}}'))", doc: "When the touch was; null where none is known." }
  weight: { type: "Decimal(18, 9)", doc: "Share of the order: exactly 1 over the touches of an order and model.", min: 0, max: 1 }
  revenue: { type: "Decimal(18, 2)", doc: "The order's revenue by that share, in euros, tax included: adds up to the order, to the cent." }
  net_revenue: { type: "Decimal(18, 2)", doc: "The same without orders that were cancelled or returned." }
tests:
  - { unique: [order_id, model, touch_number] }
  - name: the weights of every order and model add up to exactly 1
    rows: "SELECT order_id, model, sum(weight) AS weights FROM gold.fact_attribution GROUP BY order_id, model HAVING weights != 1"
  - name: every model adds up to fact_achats, to the cent
    rows: "SELECT model, sum(revenue) AS here FROM gold.fact_attribution GROUP BY model HAVING here != (SELECT sum(montant) FROM gold.fact_achats)"
  - name: amounts in the currency of the order add up to what was paid
    rows: "SELECT orderId, any(amount) AS paid, sum(firstTouchAmount) AS a, sum(lastTouchAmount) AS b, sum(linearAmount) AS c, sum(timeDecayAmount) AS d FROM marketing.order_touches_latest GROUP BY orderId HAVING a != paid OR b != paid OR c != paid OR d != paid"
*/
SELECT
  order_id, model, touch_number, customer_id, placed_at, day, is_new_customer, is_kept, channel, campaign_id, influencer_id, touched_at,
  CAST(toDecimal128(units, 9) / 1000000000 AS Decimal(18, 9)) AS weight,
  CAST(toDecimal128(toInt64(share_until - share_before), 2) / 100 AS Decimal(18, 2)) AS revenue,
  if(is_kept, revenue, toDecimal64(0, 2)) AS net_revenue
FROM (
  -- What the rounded running total grows by: half up, for amounts below zero too, by an offset that the difference takes out.
  SELECT
    *,
    sum(units) OVER (PARTITION BY order_id, model ORDER BY touch_number ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS running,
    intDiv(toInt128(2) * cents * running + toInt128(2000000000) * 1000000000000 + 1000000000, 2000000000) AS share_until,
    intDiv(toInt128(2) * cents * (running - units) + toInt128(2000000000) * 1000000000000 + 1000000000, 2000000000) AS share_before
  FROM (
    SELECT
      o.order_id AS order_id, o.customer_id AS customer_id, o.placed_at AS placed_at, o.day AS day, o.cents AS cents,
      CAST(ifNull(o.place = 1 AND o.placed_at >= c.date_inscription AND o.placed_at < c.date_inscription + INTERVAL 1 DAY, false) AS Bool) AS is_new_customer,
      CAST(o.order_id NOT IN (SELECT orderId FROM crm.orders WHERE status IN ('CANCELLED', 'RETURNED')) AS Bool) AS is_kept,
      t.touchNumber AS touch_number,
      if(t.touchNumber = 0, 'UNATTRIBUTED', CAST(t.channel AS String)) AS channel,
      ifNull(t.campaignId, 'none') AS campaign_id,
      ifNull(t.influencerId, if(channel = 'INFLUENCER', 'unknown', 'none')) AS influencer_id,
      if(t.touchNumber = 0, NULL, toTimeZone(t.touchedAt, '{{time_zone}}')) AS touched_at,
      arrayJoin([
        ('first_touch', toDecimal128(t.firstTouchWeight, 9)), ('last_touch', toDecimal128(t.lastTouchWeight, 9)),
        ('linear', toDecimal128(t.linearWeight, 9)), ('time_decay', toDecimal128(t.timeDecayWeight, 9))
      ]) AS share,
      share.1 AS model,
      toInt64(if(t.touchNumber = 0, toDecimal128(1, 9), share.2) * 1000000000) AS units
    FROM (
      SELECT
        id_commande AS order_id,
        argMin(id_client, (date_achat, id_achat)) AS customer_id,
        min(date_achat) AS placed_at,
        min(jour) AS day,
        toInt64(sum(montant) * 100) AS cents,
        row_number() OVER (PARTITION BY customer_id ORDER BY placed_at, order_id) AS place
      FROM gold.fact_achats
      GROUP BY id_commande
    ) AS o
    LEFT JOIN gold.dim_clients AS c ON c.id_client = o.customer_id
    LEFT JOIN marketing.order_touches_latest AS t ON t.orderId = o.order_id
  )
)

/*
description: How revenue follows the month, the weekday and the hour in {{time_zone}}, per day of the data, from the first day with a purchase to the latest, days without one included.
grain: one row a month, weekday or hour
owner: ventes
materialized: table
order_by: [cycle, place]
english: analysis_seasonality
columns:
  cycle: { type: String, en: cycle, doc: "What returns.", in: [mois, jour_semaine, heure] }
  place: { type: UInt8, en: place, doc: "Month 1 to 12, weekday 1 (Monday) to 7, hour 0 to 23." }
  nb_jours: { type: UInt64, en: days, doc: "Days of the data that have this place; every day has every hour.", min: 1 }
  ca: { type: "Decimal(38, 2)", en: revenue, doc: "In euros." }
  nb_achats: { type: UInt64, en: purchase_lines, doc: "Purchase lines." }
  ca_par_jour: { type: "Decimal(38, 2)", en: revenue_per_day, doc: "ca / nb_jours, rounded half away from zero to the cent." }
  indice: { type: Nullable(Float64), en: index, doc: "Revenue per day beside that of the mean place: 1 is as usual; null where there is no revenue." }
tests:
  - { unique: [cycle, place] }
*/
WITH
  (SELECT (min(jour), max(jour)) FROM gold.fact_achats) AS bornes,
  assumeNotNull((SELECT sum(montant) FROM gold.fact_achats)) AS total,
  toUInt64(assumeNotNull(dateDiff('day', bornes.1, bornes.2)) + 1) AS tous
SELECT
  p.cycle AS cycle,
  p.place AS place,
  p.nb_jours AS nb_jours,
  f.ca AS ca,
  f.nb_achats AS nb_achats,
  toDecimal128(round(toDecimal128(ca, 6) / nb_jours, 2), 2) AS ca_par_jour,
  (toFloat64(ca) / nb_jours) / (nullIf(toFloat64(total), 0) / tous / if(cycle = 'heure', 24, 1)) AS indice
FROM (
  SELECT 'mois' AS cycle, mois AS place, count() AS nb_jours FROM gold.dim_temps WHERE jour BETWEEN bornes.1 AND bornes.2 GROUP BY mois
  UNION ALL
  SELECT 'jour_semaine', jour_semaine, count() FROM gold.dim_temps WHERE jour BETWEEN bornes.1 AND bornes.2 GROUP BY jour_semaine
  UNION ALL
  SELECT 'heure', toUInt8(number), tous FROM numbers(24)
) AS p
LEFT JOIN (
  SELECT 'mois' AS cycle, toMonth(jour) AS place, sum(montant) AS ca, count() AS nb_achats FROM gold.fact_achats GROUP BY place
  UNION ALL
  SELECT 'jour_semaine', toDayOfWeek(jour) AS place, sum(montant), count() FROM gold.fact_achats GROUP BY place
  UNION ALL
  SELECT 'heure', toHour(date_achat) AS place, sum(montant), count() FROM gold.fact_achats GROUP BY place
) AS f ON f.cycle = p.cycle AND f.place = p.place

/*
description: The calendar of the years in which there were purchases, in the zone {{time_zone}}; weeks as ISO 8601 counts them.
grain: one row a day
owner: ventes
materialized: table
order_by: [jour]
english: dim_time
columns:
  jour: { type: Date, en: day, doc: "The day.", unique: true }
  annee: { type: UInt16, en: year, doc: "Calendar year." }
  trimestre: { type: UInt8, en: quarter, doc: "1 to 4.", min: 1, max: 4 }
  mois: { type: UInt8, en: month, doc: "1 to 12.", min: 1, max: 12 }
  mois_debut: { type: Date, en: month_start, doc: "First day of its month." }
  annee_iso: { type: UInt16, en: iso_year, doc: "Year of its ISO week." }
  semaine_iso: { type: UInt8, en: iso_week, doc: "ISO week, 1 to 53.", min: 1, max: 53 }
  semaine_debut: { type: Date, en: week_start, doc: "Monday of its week." }
  jour_semaine: { type: UInt8, en: weekday, doc: "1 is Monday, 7 is Sunday.", min: 1, max: 7 }
  nom_jour: { type: String, en: weekday_name, doc: "In French.", in: [lundi, mardi, mercredi, jeudi, vendredi, samedi, dimanche] }
  nom_mois: { type: String, en: month_name, doc: "In French.", not_empty: true }
  est_weekend: { type: Bool, en: is_weekend, doc: "Saturday or Sunday." }
*/
SELECT
  jour,
  toYear(jour) AS annee,
  toQuarter(jour) AS trimestre,
  toMonth(jour) AS mois,
  toStartOfMonth(jour) AS mois_debut,
  toISOYear(jour) AS annee_iso,
  toISOWeek(jour) AS semaine_iso,
  toMonday(jour) AS semaine_debut,
  toDayOfWeek(jour) AS jour_semaine,
  ['lundi', 'mardi', 'mercredi', 'jeudi', 'vendredi', 'samedi', 'dimanche'][jour_semaine] AS nom_jour,
  ['janvier', 'février', 'mars', 'avril', 'mai', 'juin', 'juillet', 'août', 'septembre', 'octobre', 'novembre', 'décembre'][mois] AS nom_mois,
  CAST(jour_semaine >= 6 AS Bool) AS est_weekend
FROM (
  SELECT toDate(arrayJoin(range(toUInt32(premier), toUInt32(dernier) + 1))) AS jour
  FROM (
    SELECT toStartOfYear(min(jour)) AS premier, toDate(addYears(toStartOfYear(max(jour)), 1) - 1) AS dernier
    FROM gold.fact_achats
    HAVING count() > 0
  )
)

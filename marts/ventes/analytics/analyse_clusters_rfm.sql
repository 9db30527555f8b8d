/*
description: Customers with purchases in four groups by k-means (Lloyd, 25 rounds) over recency, ln(1 + frequency) and ln(1 + money), each less its mean and divided by its standard deviation. It begins at the customers in the middle of the four quarters by money, so the same rows give the same groups.
grain: one row a customer with purchases
owner: ventes
materialized: table
order_by: [id_client]
english: analysis_rfm_clusters
columns:
  id_client: { type: String, en: customer_id, doc: "The customer.", unique: true, references: dim_clients.id_client }
  groupe: { type: UInt8, en: cluster, doc: "1 to 4; 1 has the highest centre in money.", min: 1, max: 4 }
  distance: { type: Float64, en: distance, doc: "From the centre of the group, in standard deviations.", min: 0 }
*/
WITH p AS (
  SELECT
    id_client,
    if(er = 0, 0., (r - mr) / er) AS x,
    if(ef = 0, 0., (f - mf) / ef) AS y,
    if(em = 0, 0., (m - mm) / em) AS z
  FROM (
    SELECT
      id_client, r, f, m,
      avg(r) OVER () AS mr, avg(f) OVER () AS mf, avg(m) OVER () AS mm,
      stddevPop(r) OVER () AS er, stddevPop(f) OVER () AS ef, stddevPop(m) OVER () AS em
    FROM (
      SELECT
        id_client,
        toFloat64(assumeNotNull(recence_jours)) AS r,
        log(1. + frequence) AS f,
        log(1. + greatest(toFloat64(montant), 0.)) AS m
      FROM gold.dim_rfm
      WHERE frequence > 0
    )
  )
)
SELECT
  id_client,
  toUInt8(indexOf(distances, arrayMin(distances))) AS groupe,
  sqrt(arrayMin(distances)) AS distance
FROM (
  SELECT
    p.id_client AS id_client,
    arrayMap(c -> pow(p.x - c.1, 2) + pow(p.y - c.2, 2) + pow(p.z - c.3, 2), k.centres) AS distances
  FROM p
  CROSS JOIN (
    SELECT
      arraySort(c -> -c.3, arrayFold(
        (acc, i) -> arrayMap(
          (n, nearest) -> if(
            countEqual(nearest, n) = 0,
            acc[n],
            (
              arraySum((q, a) -> if(a = n, q.1, 0.), points, nearest) / countEqual(nearest, n),
              arraySum((q, a) -> if(a = n, q.2, 0.), points, nearest) / countEqual(nearest, n),
              arraySum((q, a) -> if(a = n, q.3, 0.), points, nearest) / countEqual(nearest, n)
            )
          ),
          [1, 2, 3, 4],
          arrayWithConstant(4, arrayMap(
            q -> arraySort((n, d) -> (d, n), [1, 2, 3, 4], arrayMap(c -> pow(q.1 - c.1, 2) + pow(q.2 - c.2, 2) + pow(q.3 - c.3, 2), acc))[1],
            points
          ))
        ),
        range(25),
        arrayMap(n -> points[intDiv(length(points) * (2 * n - 1), 8) + 1], [1, 2, 3, 4])
      )) AS centres
    FROM (
      SELECT arrayMap(q -> (q.3, q.4, q.5), arraySort(groupArray((z, id_client, x, y, z)))) AS points
      FROM p
    )
    WHERE notEmpty(points)
  ) AS k
)

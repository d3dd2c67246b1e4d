-- June 2022 of one city as a statement: its lines, and how many firms fell by a fifth or were silent for two months.
-- Runs on PostgreSQL and on DuckDB as it stands. It knows nothing of firms that moved, closed, merged or wait to be
-- verified, nor of tiers, lists, risk, forecasts or the firms behind each number.
WITH due AS (
  SELECT firm.id, coalesce(now.region_id, firm.region_id) AS region_id, now.id IS NOT NULL AS reported,
    coalesce(now.revenue_wan, 0) AS revenue, coalesce(now.tax_paid_wan, 0) AS tax,
    now.id IS NOT NULL AND base.id IS NOT NULL AS comparable, base.revenue_wan AS base,
    now.id IS NULL AND before.id IS NULL AS silent
  FROM enterprise firm
  LEFT JOIN monthly_figure now ON now.enterprise_id = firm.id AND now.month = 202206
  LEFT JOIN monthly_figure before ON before.enterprise_id = firm.id AND before.month = 202205
  LEFT JOIN monthly_figure base ON base.enterprise_id = firm.id AND base.month = 202106
), lines AS (
  SELECT region_id, count(*) AS firms, sum(CASE WHEN reported THEN 1 ELSE 0 END) AS reporting,
    sum(revenue) AS revenue, sum(tax) AS tax,
    sum(CASE WHEN comparable THEN base ELSE 0 END) AS base,
    sum(CASE WHEN comparable AND base > 0 AND (base - revenue) * 5 >= base THEN 1 ELSE 0 END) AS fallen,
    sum(CASE WHEN silent THEN 1 ELSE 0 END) AS silent
  FROM due GROUP BY region_id
), year AS (
  SELECT figure.region_id, sum(figure.revenue_wan) AS ytd,
    sum(CASE WHEN base.id IS NOT NULL THEN figure.revenue_wan ELSE 0 END) AS ytd_comparable,
    sum(coalesce(base.revenue_wan, 0)) AS ytd_base
  FROM monthly_figure figure
  LEFT JOIN monthly_figure base ON base.enterprise_id = figure.enterprise_id AND base.month = figure.month - 100
  WHERE figure.month BETWEEN 202201 AND 202206 GROUP BY figure.region_id
), events AS (
  SELECT region_id, count(*) AS listed FROM scale_event
  WHERE kind = 'listed' AND library_year = 2022 AND month <= 202206 GROUP BY region_id
), latest AS (
  SELECT enterprise_id, region_id, kind,
    row_number() OVER (PARTITION BY enterprise_id ORDER BY month DESC, kind DESC) AS place
  FROM scale_event WHERE month <= 202206
), directory AS (
  SELECT region_id, count(*) AS above FROM latest WHERE place = 1 AND kind <> 'delisted' GROUP BY region_id
)
SELECT lines.region_id, firms, reporting, revenue, tax, base, ytd, ytd_comparable, ytd_base, listed, above, fallen, silent
FROM lines JOIN year USING (region_id) LEFT JOIN events USING (region_id) LEFT JOIN directory USING (region_id)
ORDER BY lines.region_id

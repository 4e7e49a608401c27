// What is asked of the billing export: two queries over one reading of its rows, so that one can be held against the other.

export type BillingTable = { project: string; dataset: string; table: string };

/** Named parameters of both queries. */
export const queryTypes = {
  tag: 'STRING',
  from_time: 'TIMESTAMP',
  to_time: 'TIMESTAMP',
  partition_from: 'TIMESTAMP',
  partition_to: 'TIMESTAMP',
  exported_before: 'TIMESTAMP',
} as const;

/**
 * The columns are FLOAT64: they are added as the decimals that the export shows (`CAST(0.1 AS BIGNUMERIC)` would be 0.1000000000000000055...), so
 * that sums do not depend on an order. A row is exported when or after it was used, never before: partitions before the first day hold nothing of
 * it. A resource's own label goes before its project's. Null is kept apart from what is known.
 */
function billOf({ project, dataset, table }: BillingTable): string {
  return `WITH bill AS (
  SELECT
    CAST(DATE(usage_start_time) AS STRING) AS day,
    billing_account_id AS account,
    currency AS currency,
    invoice.month AS invoice_month,
    CASE cost_type WHEN 'regular' THEN 'Usage' WHEN 'tax' THEN 'Tax' WHEN 'adjustment' THEN 'Adjustment' WHEN 'rounding_error' THEN 'Adjustment' END AS category,
    location.region AS region,
    service.description AS service,
    sku.id AS sku,
    sku.description AS sku_description,
    project.id AS project,
    COALESCE(
      (SELECT MAX(NULLIF(value, '')) FROM UNNEST(labels) WHERE key = @tag),
      (SELECT MAX(NULLIF(value, '')) FROM UNNEST(project.labels) WHERE key = @tag)
    ) AS environment,
    CAST(CAST(cost AS STRING) AS BIGNUMERIC)
      + COALESCE((SELECT SUM(CAST(CAST(amount AS STRING) AS BIGNUMERIC)) FROM UNNEST(credits)), 0) AS net
  FROM \`${project}.${dataset}.${table}\`
  WHERE _PARTITIONTIME >= @partition_from
    AND _PARTITIONTIME < @partition_to
    AND usage_start_time >= @from_time
    AND usage_start_time < @to_time
    AND export_time < @exported_before
)`;
}

export function totalsQuery(table: BillingTable): string {
  return `${billOf(table)}
SELECT day, currency, CAST(SUM(net) AS STRING) AS net
FROM bill
GROUP BY day, currency
ORDER BY day, currency`;
}

/** As the parts of a row's key stand in it, by name. Two texts are compared with the quote that ends the shorter one, as in the key. */
const keyOrder = [
  'account',
  'currency',
  'invoice_month',
  'category',
  'region',
  'service',
  'sku',
  'project',
  'environment',
] as const;

export function rowsQuery(table: BillingTable): string {
  return `${billOf(table)}
SELECT day, ${keyOrder.join(', ')}, MAX(sku_description) AS sku_description, CAST(SUM(net) AS STRING) AS net
FROM bill
GROUP BY day, ${keyOrder.join(', ')}
ORDER BY day, ${keyOrder.map((name) => `IFNULL(CONCAT('"', REPLACE(REPLACE(${name}, '\\\\', '\\\\\\\\'), '"', '\\\\"'), '"'), 'null')`).join(', ')}`;
}

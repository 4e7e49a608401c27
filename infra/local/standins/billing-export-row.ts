// A row of the standard usage cost export to BigQuery, as far as anything here reads it.
// https://cloud.google.com/billing/docs/how-to/export-data-bigquery-tables/standard-usage
export type Label = { key: string; value: string };

export type ExportRow = {
  billing_account_id: string;
  service: { id: string; description: string };
  sku: { id: string; description: string };
  /** TIMESTAMPs are ISO texts with a zone. */
  usage_start_time: string;
  usage_end_time: string;
  /** Null: not of a project, such as tax. */
  project: { id: string; name: string; labels: Label[] } | null;
  labels: Label[];
  location: { location: string; country: string; region: string | null } | null;
  /** Its day is the row's partition. */
  export_time: string;
  /** FLOAT64. */
  cost: number;
  currency: string;
  /** Below zero. */
  credits: { name: string; amount: number; type: string }[];
  /** `202611`. */
  invoice: { month: string };
  cost_type: string;
};

// The sample application's tables. Every one has a primary key, so that logical replication can carry updates and deletes.

/** Safe to run again. `shop.direct_writes` is the drill's own: a client writes there past the application. */
export const shopSchemaSql = `
CREATE SCHEMA IF NOT EXISTS shop;
CREATE TABLE IF NOT EXISTS shop.orders (
  id bigserial PRIMARY KEY,
  client text NOT NULL,
  sequence bigint NOT NULL,
  placed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  placed_by_site text NOT NULL,
  UNIQUE (client, sequence)
);
CREATE TABLE IF NOT EXISTS shop.service_checks (
  site text PRIMARY KEY,
  checks bigint NOT NULL,
  checked_at timestamptz NOT NULL
);
CREATE TABLE IF NOT EXISTS shop.direct_writes (
  marker text PRIMARY KEY,
  written_to text NOT NULL,
  written_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
`;

/** The application's own row of the table that nothing guards and nothing replicates, for `AppOptions.probeStatement`. */
export const shopProbeSql = `INSERT INTO causeway.probe AS p (prober) VALUES ('shop')
  ON CONFLICT (prober) DO UPDATE SET number = p.number + 1, written_at = clock_timestamp()`;

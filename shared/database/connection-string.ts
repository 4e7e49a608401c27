// libpq's connection string, which a subscription keeps: where the publisher is, and as whom the replica reads there.

export type Publisher = {
  host: string;
  port: number;
  name: string;
  user: string;
  password: string;
  /** `require` where the traffic leaves the machine. Whose certificate it is libpq cannot tell without a file on the server. */
  sslMode: 'require' | 'prefer';
};

/** How long the replica waits for a publisher that is silent. */
const CONNECT_SECONDS = 3;

/** Every value quoted: passwords hold what they like. */
export function connectionString({ host, port, name, user, password, sslMode }: Publisher): string {
  const values = {
    host,
    port,
    dbname: name,
    user,
    password,
    sslmode: sslMode,
    connect_timeout: CONNECT_SECONDS,
    application_name: 'causeway standby',
  };
  return Object.entries(values)
    .map(([key, value]) => `${key}=${quoted(String(value))}`)
    .join(' ');
}

function quoted(value: string): string {
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

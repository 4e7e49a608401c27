// libpq's connection string: what a password may hold without becoming something else.
import { expect, it } from 'vitest';
import { connectionString } from '../../../shared/database/connection-string.ts';

it('quotes every value, so that a password cannot name another host', () => {
  const there = { host: '10.20.0.3', port: 5432, name: 'gopro', user: 'causeway_keeper', sslMode: 'require' as const };
  expect(connectionString({ ...there, password: String.raw`it's a \ host=elsewhere` })).toBe(
    String.raw`host='10.20.0.3' port='5432' dbname='gopro' user='causeway_keeper' password='it\'s a \\ host=elsewhere' ` +
      "sslmode='require' connect_timeout='3' application_name='causeway standby'",
  );
});

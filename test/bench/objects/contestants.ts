// Who copies the same objects: Causeway, rclone where it is installed, and a program that only moves the bytes.
import { execFileSync } from 'node:child_process';
import { root } from '../entries.ts';
import type { Places, Way } from './open.ts';

export type Contestant = {
  name: string;
  /** The program to run for one copy of what lies below the prefix, and its whole environment beside PATH. */
  command(
    places: Places,
    way: Way,
    destination: string,
    prefix: string,
  ): { args: [string, ...string[]]; env: Record<string, string> };
  /** Whether it says itself how long the work took, without its own start. */
  timesItself: boolean;
};

const script =
  (name: string): Contestant['command'] =>
  (places, way, destination, prefix) => ({
    args: [
      process.execPath,
      '--no-warnings',
      '--import',
      'tsx',
      `${root}test/bench/objects/${name}`,
      places.s3,
      places.gcs,
      way,
      destination,
      prefix,
    ],
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
  });

export const plain: Contestant = { name: 'plain HTTP copy', command: script('plain-run.ts'), timesItself: true };
const causeway: Contestant = { name: 'Causeway', command: script('causeway-run.ts'), timesItself: true };

const rclone: Contestant = {
  name: 'rclone',
  timesItself: false,
  command: (places, way, destination, prefix) => ({
    args: [
      'rclone',
      'copy',
      `${way}:source/${prefix}`,
      `${way === 's3' ? 'gcs' : 's3'}:${destination}/${prefix}`,
      '--transfers=16',
      '--checkers=16',
    ],
    env: {
      RCLONE_CONFIG: '/dev/null',
      RCLONE_CONFIG_S3_TYPE: 's3',
      RCLONE_CONFIG_S3_PROVIDER: 'Other',
      RCLONE_CONFIG_S3_ENDPOINT: places.s3,
      RCLONE_CONFIG_S3_ACCESS_KEY_ID: 'local',
      RCLONE_CONFIG_S3_SECRET_ACCESS_KEY: 'local',
      RCLONE_CONFIG_S3_NO_CHECK_BUCKET: 'true',
      RCLONE_CONFIG_GCS_TYPE: 'google cloud storage',
      RCLONE_CONFIG_GCS_ENDPOINT: `${places.gcs}/storage/v1/`,
      RCLONE_CONFIG_GCS_NO_CHECK_BUCKET: 'true',
      RCLONE_CONFIG_GCS_TOKEN: '{"access_token":"local","token_type":"Bearer","expiry":"2099-01-01T00:00:00Z"}',
      HOME: '/tmp',
    },
  }),
};

/** Those that are here, and a sentence for each that is not. */
export function contestantsHere(): { here: Contestant[]; missing: string[] } {
  const missing: string[] = [];
  const installed = (program: string, what: string) => {
    try {
      execFileSync(program, ['version'], { stdio: 'ignore' });
      return true;
    } catch {
      missing.push(`${program} is not installed, and was left out: ${what}`);
      return false;
    }
  };
  const peers = installed('rclone', 'apt-get install rclone') ? [rclone] : [];
  installed('gsutil', 'it comes with the Google Cloud CLI');
  return { here: [plain, causeway, ...peers], missing };
}

// Where regions lie, roughly: to name the region of the other provider that is nearest, for latency and geolocation.
import type { Continent } from './desired.ts';

export type Point = { latitude: number; longitude: number };
export type Region = Point & { name: string; continent: Continent };

const region = (name: string, continent: Continent, latitude: number, longitude: number): Region => ({
  name,
  continent,
  latitude,
  longitude,
});

/** Regions as the providers list them, at the coordinates of the metropolitan area that they name; a degree is near enough. */
const AWS_REGIONS: readonly Region[] = [
  region('us-east-1', 'north_america', 38.9, -77.4),
  region('us-east-2', 'north_america', 40.0, -83.0),
  region('us-west-1', 'north_america', 37.4, -122.0),
  region('us-west-2', 'north_america', 45.8, -119.7),
  region('ca-central-1', 'north_america', 45.5, -73.6),
  region('sa-east-1', 'south_america', -23.5, -46.6),
  region('eu-west-1', 'europe', 53.3, -6.3),
  region('eu-west-2', 'europe', 51.5, -0.1),
  region('eu-west-3', 'europe', 48.9, 2.4),
  region('eu-central-1', 'europe', 50.1, 8.7),
  region('eu-north-1', 'europe', 59.3, 18.1),
  region('eu-south-1', 'europe', 45.5, 9.2),
  region('ap-south-1', 'asia', 19.1, 72.9),
  region('ap-east-1', 'asia', 22.3, 114.2),
  region('ap-southeast-1', 'asia', 1.4, 103.8),
  region('ap-northeast-1', 'asia', 35.7, 139.7),
  region('ap-northeast-2', 'asia', 37.6, 127.0),
  region('me-south-1', 'asia', 26.1, 50.6),
  region('ap-southeast-2', 'oceania', -33.9, 151.2),
  region('af-south-1', 'africa', -33.9, 18.4),
];

const GCP_REGIONS: readonly Region[] = [
  region('us-central1', 'north_america', 41.3, -95.9),
  region('us-east1', 'north_america', 33.2, -80.0),
  region('us-east4', 'north_america', 39.0, -77.5),
  region('us-south1', 'north_america', 32.8, -96.8),
  region('us-west1', 'north_america', 45.6, -121.2),
  region('us-west2', 'north_america', 34.1, -118.2),
  region('northamerica-northeast1', 'north_america', 45.5, -73.6),
  region('southamerica-east1', 'south_america', -23.5, -46.6),
  region('southamerica-west1', 'south_america', -33.4, -70.7),
  region('europe-west1', 'europe', 50.4, 3.8),
  region('europe-west2', 'europe', 51.5, -0.1),
  region('europe-west3', 'europe', 50.1, 8.7),
  region('europe-west4', 'europe', 53.4, 6.8),
  region('europe-north1', 'europe', 60.6, 27.1),
  region('europe-central2', 'europe', 52.2, 21.0),
  region('europe-southwest1', 'europe', 40.4, -3.7),
  region('asia-east1', 'asia', 24.1, 120.5),
  region('asia-northeast1', 'asia', 35.7, 139.7),
  region('asia-south1', 'asia', 19.1, 72.9),
  region('asia-southeast1', 'asia', 1.4, 103.8),
  region('me-west1', 'asia', 32.1, 34.8),
  region('australia-southeast1', 'oceania', -33.9, 151.2),
  region('africa-south1', 'africa', -26.2, 28.0),
];

export function regionsOf(provider: 'aws' | 'gcp'): readonly Region[] {
  return provider === 'aws' ? AWS_REGIONS : GCP_REGIONS;
}

/** Throws when the region is not in the map. */
export function regionNamed(provider: 'aws' | 'gcp', name: string): Region {
  const found = regionsOf(provider).find((candidate) => candidate.name === name);
  if (!found) {
    throw new Error(
      `no coordinates for the ${provider} region "${name}"; it needs a row in shared/traffic/regions.ts before latency routing can use it`,
    );
  }
  return found;
}

/** The provider's region nearest to the point that is not taken yet. Throws when all are taken. */
export function nearestRegion(provider: 'aws' | 'gcp', point: Point, taken: ReadonlySet<string> = new Set()): Region {
  const free = regionsOf(provider).filter((candidate) => !taken.has(candidate.name));
  const [nearest] = free.toSorted((a, b) => distanceKm(point, a) - distanceKm(point, b));
  if (!nearest) throw new Error(`all ${taken.size} known regions of ${provider} are taken: more sites than regions`);
  return nearest;
}

/** Great-circle distance (haversine), in kilometres. */
export function distanceKm(from: Point, to: Point): number {
  const radians = (degrees: number) => (degrees * Math.PI) / 180;
  const halfLatitude = Math.sin(radians(to.latitude - from.latitude) / 2);
  const halfLongitude = Math.sin(radians(to.longitude - from.longitude) / 2);
  const chord =
    halfLatitude ** 2 + Math.cos(radians(from.latitude)) * Math.cos(radians(to.latitude)) * halfLongitude ** 2;
  return 2 * 6371 * Math.asin(Math.min(1, Math.sqrt(chord)));
}

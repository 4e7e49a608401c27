// Places that clients ask from: one for each continent, and one that nobody can place.
import type { Place } from '../../infra/local/dns/place.ts';

export const PLACES = {
  chicago: { continent: 'north_america', country: 'US', latitude: 41.9, longitude: -87.6 },
  paris: { continent: 'europe', country: 'FR', latitude: 48.9, longitude: 2.4 },
  tokyo: { continent: 'asia', country: 'JP', latitude: 35.7, longitude: 139.7 },
  saoPaulo: { continent: 'south_america', country: 'BR', latitude: -23.5, longitude: -46.6 },
  sydney: { continent: 'oceania', country: 'AU', latitude: -33.9, longitude: 151.2 },
  johannesburg: { continent: 'africa', country: 'ZA', latitude: -26.2, longitude: 28.0 },
} satisfies Record<string, Place>;

// Where clients are: an address or subnet, and the place that it stands for in the local world.
import type { Continent } from '../../../shared/traffic/desired.ts';
import type { Point } from '../../../shared/traffic/regions.ts';

export type Place = Point & {
  continent: Continent | null;
  /** ISO 3166-1 alpha-2; null when only the continent is known. */
  country: string | null;
};

export type PlaceTable = {
  rows: { cidr: string; place: Place }[];
  /** For addresses in no row: what a geolocation database says of an unknown address, which is nothing. */
  otherwise: Place;
};

/** The longest matching row. IPv4 only, as the local world is. */
export function placeOf(table: PlaceTable, address: string): Place {
  const value = toNumber(address);
  if (value === null) return table.otherwise;
  const matching = table.rows
    .map(({ cidr, place }) => ({ ...parseCidr(cidr), place }))
    .filter(({ base, bits }) => sharePrefix(base, value, bits))
    .toSorted((a, b) => b.bits - a.bits);
  return matching[0]?.place ?? table.otherwise;
}

function parseCidr(cidr: string): { base: number; bits: number } {
  const [address = '', bits = '32'] = cidr.split('/');
  const base = toNumber(address);
  if (base === null) throw new Error(`"${cidr}" is no IPv4 range such as 203.0.113.0/24`);
  return { base, bits: Number(bits) };
}

function sharePrefix(a: number, b: number, bits: number): boolean {
  const size = 2 ** (32 - bits);
  return Math.floor(a / size) === Math.floor(b / size);
}

function toNumber(address: string): number | null {
  const bytes = address.split('.').map(Number);
  if (bytes.length !== 4 || bytes.some((byte) => !Number.isInteger(byte) || byte < 0 || byte > 255)) return null;
  return bytes.reduce((sum, byte) => sum * 256 + byte, 0);
}

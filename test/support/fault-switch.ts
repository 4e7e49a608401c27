// Faults for a stand-in that a test turns on and off.
import type { Fault, Faults, HttpRequest } from '../../infra/local/standins/http.ts';

export type FaultSwitch = {
  faults: Faults;
  /** The fault for every request that matches, until `heal`. */
  set(fault: Fault, matches?: (request: HttpRequest) => boolean): void;
  heal(): void;
};

export function createFaultSwitch(): FaultSwitch {
  let current: { fault: Fault; matches: (request: HttpRequest) => boolean } | null = null;
  return {
    faults: (request) => (current?.matches(request) ? current.fault : null),
    set: (fault, matches = () => true) => {
      current = { fault, matches };
    },
    heal: () => {
      current = null;
    },
  };
}

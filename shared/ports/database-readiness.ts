// What a site's database says of its own readiness: for a promotion, for coming back, and for its own disk.
import type { DatabaseFacts } from '../model/readiness.ts';

export type DatabaseReadiness = {
  /**
   * Reads only. `partsOf`: tables to tell the parts of, because their shapes were seen to differ from the other site's.
   * Throws `DatabaseUnavailable`.
   */
  look(partsOf: string[]): Promise<DatabaseFacts>;
};

// Sites: the places that can serve the application, and who runs them.
import * as z from 'zod';

/** A cloud that Causeway automates. */
export const Provider = z.enum(['aws', 'gcp']);
export type Provider = z.infer<typeof Provider>;

/** Where a vantage stands: in a provider, or outside of all that we fail over between. */
export const Ground = z.enum(['aws', 'gcp', 'elsewhere']);
export type Ground = z.infer<typeof Ground>;

/** The strategy's name of a site: one provider and region that can serve. */
export const SiteName = z.string().regex(/^[a-z][a-z0-9-]{0,30}$/, 'a site name is lower-case letters, digits and -');
export type SiteName = z.infer<typeof SiteName>;

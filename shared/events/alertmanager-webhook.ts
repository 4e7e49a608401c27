// Alertmanager's webhook, version 4: the shape of what it posts.
// https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
import * as z from 'zod';

export const AlertmanagerAlert = z.object({
  status: z.enum(['firing', 'resolved']),
  labels: z.looseObject({ alertname: z.string().min(1) }),
  annotations: z.record(z.string(), z.unknown()).nullish(),
  startsAt: z.string(),
  /** `0001-01-01T00:00:00Z` while the alert is firing. */
  endsAt: z.string().nullish(),
});
export type AlertmanagerAlert = z.infer<typeof AlertmanagerAlert>;

/** The alerts are read one by one, so that a bad one does not take the others with it. */
export const AlertmanagerWebhook = z.object({
  version: z.literal('4'),
  groupKey: z.string(),
  /** How many alerts of the group were left out (max_alerts); absent before Alertmanager 0.21. */
  truncatedAlerts: z.number().nullish(),
  alerts: z.array(z.unknown()),
});
export type AlertmanagerWebhook = z.infer<typeof AlertmanagerWebhook>;

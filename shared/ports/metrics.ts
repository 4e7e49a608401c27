// Where numbers go that dashboards and alarms are made of.

/** One value of one metric at one time. `dimensions` tell apart what has the same name; at most one point of a series a minute. */
export type MetricPoint = {
  name: string;
  unit: 'Count' | 'Seconds' | 'Bytes';
  value: number;
  dimensions: Readonly<Record<string, string>>;
  at: Date;
};

/** Throws `MetricsUnavailable` when the service did not take them: some of the points may have been taken. */
export type Metrics = {
  put(points: readonly MetricPoint[]): Promise<void>;
};

export class MetricsUnavailable extends Error {
  override readonly name = 'MetricsUnavailable';
}

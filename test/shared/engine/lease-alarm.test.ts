// The alarm on a lease that is not renewed: in time, once, and only about one's own lease.
import { describe, expect, it } from 'vitest';
import type { SiteAssessment } from '../../../shared/decision/fold.ts';
import { createLeaseAlarm } from '../../../shared/engine/lease-alarm.ts';
import type { Notification } from '../../../shared/model/notification.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { aSituation } from '../../support/situation.ts';
import { theStrategy } from '../../support/strategy.ts';

const bad = { kind: 'not-renewed' as const, because: '1 of 3 stores answered' };
const good = { kind: 'renewed' as const, renewal: 11, remainingSeconds: 19 };

function world(site = 'aws') {
  const clock = createManualClock();
  const told: { channel: string; notification: Notification }[] = [];
  const alarm = createLeaseAlarm({
    strategy: theStrategy(),
    site,
    clock,
    tell: {
      send: async (channel, notification) => {
        told.push({ channel, notification });
        return { kind: 'sent', channel, detail: 'noted' };
      },
    },
  });
  return { clock, told, alarm };
}

describe('a lease that is not renewed', () => {
  it('is told of at half its TTL, once, with why and what follows', async () => {
    const { clock, told, alarm } = world();
    await alarm.note(good, aSituation());
    for (let beat = 0; beat < 6; beat++) {
      clock.advance(3);
      await alarm.note(bad, aSituation());
      expect(told.length).toBe((beat + 1) * 3 >= 7.5 ? 1 : 0);
    }
    expect(told[0]).toMatchObject({
      channel: 'dba_team',
      notification: { severity: 'critical', dedupKey: 'lease/aws/1/10' },
    });
    expect(told[0]?.notification.text).toContain('For 9 s no renewal went through: 1 of 3 stores answered.');
    expect(told[0]?.notification.text).toContain(
      'After 15 s without a renewal the database of aws refuses all writes.',
    );
  });

  it('is told of again only after it has been well in between', async () => {
    const { clock, told, alarm } = world();
    const round = async (renewal: number) => {
      const situation = aSituation({ lease: { renewal, fenced: null } });
      await alarm.note(good, situation);
      clock.advance(12);
      await alarm.note(bad, situation);
    };
    await round(10);
    await round(11);
    expect(told.map((one) => one.notification.dedupKey)).toEqual(['lease/aws/1/10', 'lease/aws/1/11']);
  });

  it('is told of by another site when the writer’s own keepers say nothing, and while the site itself looks well', async () => {
    const { told, alarm } = world('gcp');
    const looks = (verdict: SiteAssessment['verdict']): SiteAssessment => ({
      site: 'aws',
      verdict,
      confirmedFromElsewhere: false,
      evidence: [],
      because: 'as seen',
    });
    const silence = (forSeconds: number) => ({ site: 'aws', epoch: 1, renewal: 10, forSeconds });
    await alarm.watch(silence(11), looks('up'));
    await alarm.watch(silence(60), looks('suspected'));
    await alarm.watch(silence(60), looks('down'));
    expect(told).toEqual([]);
    await alarm.watch(silence(12), looks('up'));
    await alarm.watch(silence(19), looks('up'));
    // The same key as the writer's own keepers use: whoever is first tells, and nobody is told twice.
    expect(told.map((one) => one.notification.dedupKey)).toEqual(['lease/aws/1/10']);
    expect(told[0]?.notification.text).toContain('its keepers are silent, while the site is up');
  });

  it('is nobody’s business at a site that is not the writer, or when nothing is known', async () => {
    const { clock, told, alarm } = world('gcp');
    for (const situation of [aSituation(), null]) {
      await alarm.note(bad, situation);
      clock.advance(60);
      await alarm.note(bad, situation);
    }
    expect(told).toEqual([]);
  });
});

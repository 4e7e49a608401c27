// Where a switch back goes to when nobody says it: where the role came from, if the strategy has it at home there.
import { expect, it } from 'vitest';
import { homeIn } from '../../../infra/cli/failback-switch-back.ts';
import { aSituation } from '../../support/situation.ts';

const before = (writer: string) => ({ writer, epoch: 1, renewal: 1, heartbeat: null, fenced: null, handedOver: false });

it("is where the writer before this one was, at the strategy's primary", () => {
  expect(homeIn(aSituation({ writer: 'gcp', previous: before('aws') }), 'aws')).toEqual({ kind: 'site', site: 'aws' });
});

it.each([
  ['a writer at home', aSituation(), 'it is at home'],
  ['a writer without one before it', aSituation({ writer: 'gcp' }), 'knows of no writer before gcp'],
  ['a third site between', aSituation({ writer: 'gcp', previous: before('azure') }), '--to azure or --to aws'],
])('moves the writer nowhere by itself from %s', (_, situation, says) => {
  expect(homeIn(situation, 'aws')).toMatchObject({ kind: 'unclear', because: expect.stringContaining(says) });
});

import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { planServers, type LaunchOptions } from '../src/launch-plan.ts';

const options: LaunchOptions = {
  root: '/project',
  dataDir: '/project/.data',
  ledger: 'fabric',
  store: 'sqlite',
  port: 8080,
  packages: [],
};

describe('the plan of servers', () => {
  it('gives each organisation the next port, its own store, keys and connection', () => {
    const plans = planServers(options);
    assert.deepEqual(
      plans.map(({ organisation, port }) => [organisation.name, port]),
      [
        ['hospital', 8080],
        ['pharmacy', 8081],
        ['insurer', 8082],
        ['auditor', 8083],
      ],
    );
    assert.equal(
      plans[1]?.environment['CHARTSEAL_STORE'],
      'sqlite:/project/.data/store/pharmacy.sqlite',
    );
    assert.equal(
      plans[1].environment['CHARTSEAL_LEDGER'],
      'fabric:/project/.data/network/pharmacy/connection.json',
    );
    for (const name of ['CHARTSEAL_STORE', 'CHARTSEAL_KEYS', 'CHARTSEAL_LEDGER', 'PORT']) {
      assert.equal(new Set(plans.map((plan) => plan.environment[name])).size, 4, name);
    }
  });

  it('shares the trust anchors of Fabric, and keeps those of embedded ledgers apart', () => {
    assert.equal(new Set(planServers(options).map((plan) => plan.trust)).size, 1);
    const embedded = planServers({ ...options, ledger: 'embedded' });
    assert.equal(new Set(embedded.map((plan) => plan.trust)).size, 4);
    assert.equal(embedded[0]?.trust, '/project/.data/trust.json');
  });

  it('loads the given packages after our own profiles, on every server', () => {
    const packages = ['/home/me/us-core.tgz', '/home/me/folder'];
    const own = '/project/fhir-profiles/package';
    for (const { environment } of planServers({ ...options, packages })) {
      assert.equal(environment['CHARTSEAL_PACKAGES'], [own, ...packages].join());
    }
    assert.equal(planServers(options)[0]?.environment['CHARTSEAL_PACKAGES'], own);
  });

  it('gives each organisation a database of its own', () => {
    const stores = (store: string): (string | undefined)[] =>
      planServers({ ...options, store }).map((plan) => plan.environment['CHARTSEAL_STORE']);
    assert.equal(stores('mongodb://h')[0], 'mongodb://h/chartseal-hospital');
    assert.equal(
      stores('mongodb://a:1,b:2/records?replicaSet=r')[3],
      'mongodb://a:1,b:2/records-auditor?replicaSet=r',
    );
    assert.throws(() => stores('mongodb:///'), /MongoDB/);
  });
});

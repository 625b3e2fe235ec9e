import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from '@jest/globals';
import { fileURLToPath } from 'node:url';
import { readConfig } from '@chartseal/server/config';
import { parse } from 'yaml';
import { containerNetwork } from '@chartseal/network/containers';
import {
  chaincodeProcess,
  ordererProcess,
  peerProcess,
} from '@chartseal/network/network-processes';
import { peerSettings } from '@chartseal/network/node-config';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

interface Service {
  image: string;
  build?: { context: string; dockerfile: string; target: string };
  command?: string | string[];
  entrypoint?: string[];
  environment?: Record<string, string>;
  depends_on?: Record<string, { condition: string }>;
  volumes?: string[];
  ports?: string[];
  restart?: string;
  network_mode?: string;
  healthcheck?: { test: string[] };
}
interface Compose {
  services: Record<string, Service>;
  volumes: Record<string, unknown>;
}

const text = read('docker-compose.yml');
const compose = parse(text, { merge: true, uniqueKeys: true }) as Compose;
const services = Object.entries(compose.services);
const dockerfile = read('deploy/compose/Dockerfile').replaceAll(/\\\n/g, ' ');
const stages = [...dockerfile.matchAll(/^FROM (\S+) AS (\S+)$/gm)].map(([, from, name]) => ({
  from: from!,
  name: name!,
}));
const { topology, layout } = containerNetwork({
  dataDir: '/network',
  binaries: { bin: '/opt/fabric/bin', config: '/opt/fabric/config' },
  onProgress: () => undefined,
});

function service(name: string): Service {
  const found = compose.services[name];
  assert.ok(found, `service ${name}`);
  return found;
}
const mounts = ({ volumes = [] }: Service) =>
  volumes.map((volume) => {
    const [source, target, mode] = volume.split(':') as [string, string, string | undefined];
    return { source, target, mode };
  });
const scripts = (found: Service) =>
  [found.command, found.entrypoint]
    .flat()
    .flatMap((part) => part?.split(' ') ?? [])
    .filter((word) => /\.(ts|sh|js|mjs)$/.test(word));

describe('docker-compose.yml', () => {
  it('has nothing that Compose would take for a variable', () => {
    assert.doesNotMatch(text.replaceAll('$$', ''), /\$/);
  });

  it('runs the processes of every organisation of the topology and of no other', () => {
    const expected = topology.organisations.flatMap(({ name }) =>
      ['orderer', 'peer', 'chaincode', 'server'].map((role) => `${role}.${name}`),
    );
    const found = services.map(([name]) => name).filter((name) => name.includes('.'));
    assert.deepEqual(found.toSorted(), expected.toSorted());
  });

  it('uses official images for what it does not build', () => {
    const images = services.filter(([, { build }]) => build === undefined);
    assert.deepEqual([...new Set(images.map(([, { image }]) => image))].toSorted(), [
      'hyperledger/fabric-orderer:3.1',
      'hyperledger/fabric-peer:3.1',
      'mongo:8',
    ]);
  });

  for (const [name, found] of services) {
    it(`${name} depends only on what there is and can be waited for`, () => {
      for (const [other, { condition }] of Object.entries(found.depends_on ?? {})) {
        const awaited = service(other);
        if (condition === 'service_healthy') assert.ok(awaited.healthcheck, other);
        else if (condition === 'service_completed_successfully') {
          assert.equal(awaited.restart, undefined, `${other} never completes`);
        } else assert.equal(condition, 'service_started');
      }
      if (found.network_mode !== undefined) {
        const shared = found.network_mode.replace(/^service:/, '');
        service(shared);
        assert.ok(found.depends_on?.[shared], `${name} starts before ${shared}`);
      }
    });

    it(`${name} mounts only volumes that are declared and files that exist`, () => {
      for (const { source, target, mode } of mounts(found)) {
        if (source.startsWith('.')) assert.ok(existsSync(join(ROOT, source)), source);
        else assert.ok(source in compose.volumes, source);
        assert.match(target, /^\//);
        assert.ok(mode === undefined || mode === 'ro', mode);
      }
    });

    it(`${name} is built from a stage that exists and runs scripts that exist`, () => {
      if (found.build !== undefined) {
        assert.equal(found.build.context, '.');
        assert.equal(found.build.dockerfile, 'deploy/compose/Dockerfile');
        assert.ok(stages.some((stage) => stage.name === found.build!.target));
      }
      for (const script of scripts(found)) {
        const mounted = mounts(found).find(({ target }) => target === script);
        assert.ok(existsSync(join(ROOT, mounted?.source ?? script)), script);
      }
    });
  }

  it('uses every volume that it declares', () => {
    const used = new Set(
      services.flatMap(([, found]) => mounts(found).map(({ source }) => source)),
    );
    assert.deepEqual(
      Object.keys(compose.volumes).filter((name) => !used.has(name)),
      [],
    );
  });

  it('publishes the servers’ ports on loopback and nothing else', () => {
    const published = services.flatMap(([name, { ports = [] }]) => ports.map((p) => [name, p]));
    assert.deepEqual(
      published,
      topology.organisations.map((o, i) => [
        `server.${o.name}`,
        `127.0.0.1:${8080 + i}:${8080 + i}`,
      ]),
    );
  });

  it('lets no organisation’s container see another’s keys', () => {
    for (const { name } of topology.organisations) {
      for (const role of ['orderer', 'peer', 'chaincode', 'server']) {
        const foreign = mounts(service(`${role}.${name}`)).filter(({ source }) =>
          topology.organisations.some((o) => o.name !== name && source.includes(o.name)),
        );
        assert.deepEqual(foreign, [], `${role}.${name}`);
      }
    }
  });
});

describe('containers of the network', () => {
  for (const o of topology.organisations) {
    it(`of the ${o.name} get what prepare.ts writes`, () => {
      const folder = `/network/${o.name}`;
      const orderer = service(`orderer.${o.name}`);
      const peer = service(`peer.${o.name}`);
      assert.deepEqual(orderer.environment, ordererProcess(topology, layout, '', o).env);
      assert.deepEqual(peer.environment, peerProcess(topology, layout, '', o).env);
      assert.equal(service(`chaincode.${o.name}`).command, folder);
      for (const role of ['orderer', 'peer', 'chaincode', 'server']) {
        const mounted = mounts(service(`${role}.${o.name}`));
        assert.ok(
          mounted.some(({ source, target }) => source === o.name && target === folder),
          role,
        );
      }
    });

    it(`find the builder where the ${o.name}’s peer configuration says`, () => {
      const { chaincode } = peerSettings(topology, layout, o) as {
        chaincode: { externalBuilders: { path: string; propagateEnvironment: string[] }[] };
      };
      const [builder] = chaincode.externalBuilders;
      const peer = service(`peer.${o.name}`);
      const inImage = builder!.path.replace(ROOT.replace(/\/$/, ''), '/app');
      assert.ok(mounts(peer).some(({ target }) => target === inImage));
      for (const name of builder!.propagateEnvironment) assert.ok(peer.environment?.[name], name);
    });

    it(`reach each other under the names of the ${o.name}’s services`, () => {
      const program = { main: '', digest: '', packageId: '' };
      const { env } = chaincodeProcess(topology, layout, o, program);
      assert.equal(env['CHAINCODE_ADDRESS'], `chaincode.${o.name}:${o.ports.chaincode}`);
    });
  }

  it('are set up by scripts that get the folders they are given', () => {
    for (const name of ['prepare', 'join']) {
      assert.equal(
        service(name).command,
        `node deploy/compose/${name}.ts /network /demo /opt/fabric/bin /opt/fabric/config`,
      );
      const targets = mounts(service(name)).map(({ target }) => target);
      for (const o of topology.organisations) assert.ok(targets.includes(`/network/${o.name}`));
      for (const target of ['/network', '/network/public', '/demo']) {
        assert.ok(targets.includes(target), target);
      }
    }
  });

  it('wait for every node before joining it', () => {
    const awaited = Object.keys(service('join').depends_on ?? {});
    const expected = topology.organisations.flatMap(({ name }) =>
      ['orderer', 'peer', 'chaincode'].map((role) => `${role}.${name}`),
    );
    assert.deepEqual(awaited.toSorted(), expected.toSorted());
  });
});

describe('server containers', () => {
  const source = read('server/src/config.ts');

  for (const [index, o] of topology.organisations.entries()) {
    it(`of the ${o.name} get a configuration that the server accepts`, () => {
      const environment = service(`server.${o.name}`).environment!;
      const found = readConfig(environment);
      const { name, msp, reference } = o;
      assert.deepEqual(found['organisation'], { name, msp, reference });
      assert.equal(found['port'], 8080 + index);
      assert.deepEqual(found['ledger'], { kind: 'fabric', connection: layout.of(o).connection });
      assert.equal(found['trust'], layout.trust);
    });

    it(`of the ${o.name} set only variables that the server reads`, () => {
      for (const name of Object.keys(service(`server.${o.name}`).environment!)) {
        assert.ok(source.includes(`'${name}'`), name);
      }
    });

    it(`of the ${o.name} keep their data in a database of their own in the replica set`, () => {
      const url = new URL(
        service(`server.${o.name}`).environment!['CHARTSEAL_STORE']!.replace(/,[^/]+/, ''),
      );
      assert.equal(url.pathname, `/chartseal-${o.name}`);
      assert.equal(url.searchParams.get('replicaSet'), 'chartseal');
    });
  }

  it('share a replica set whose members are the services that run it', () => {
    const script = read('deploy/compose/initiate-replica-set.js');
    const members = JSON.parse(
      /members = (\[.*\])/.exec(script)![1]!.replaceAll("'", '"'),
    ) as string[];
    const running = services.filter(([, { image }]) => image === 'mongo:8').map(([name]) => name);
    assert.deepEqual(members.toSorted(), running.toSorted());
    for (const name of running) {
      assert.match(String(service(name).command), /--replSet chartseal\b/);
      for (const o of topology.organisations) {
        assert.ok(
          service(`server.${o.name}`).environment!['CHARTSEAL_STORE']!.includes(`${name}:27017`),
        );
      }
    }
    assert.match(script, /_id: 'chartseal'/);
  });
});

describe('Dockerfile', () => {
  it('builds every stage from an image or an earlier stage', () => {
    for (const [index, { from }] of stages.entries()) {
      const earlier = stages.slice(0, index).map(({ name }) => name);
      assert.ok(earlier.includes(from) || /^[a-z/-]+:[\w.-]+$/.test(from), from);
    }
    for (const [, name] of dockerfile.matchAll(/--from=(\S+)/g)) {
      assert.ok(
        stages.some((stage) => stage.name === name),
        name,
      );
    }
  });

  it('copies only what exists or is built', () => {
    const copies = [...dockerfile.matchAll(/^COPY (?!--from)(.+)$/gm)];
    assert.ok(copies.length > 0);
    for (const [, words] of copies) {
      for (const source of words!.split(/\s+/).slice(0, -1)) {
        assert.ok(existsSync(join(ROOT, source)), source);
      }
    }
  });

  it('knows every workspace before it installs', () => {
    const { workspaces } = JSON.parse(read('package.json')) as { workspaces: string[] };
    for (const workspace of workspaces) {
      assert.ok(dockerfile.includes(`COPY ${workspace}/package.json ${workspace}/\n`), workspace);
    }
  });

  it('prepares the volumes of every organisation for an unprivileged user', () => {
    for (const { name } of topology.organisations) {
      assert.ok(dockerfile.includes(` /network/${name}`), name);
    }
    for (const target of ['setup', 'chaincode', 'server']) {
      const stage = dockerfile.slice(dockerfile.indexOf(` AS ${target}\n`)).split('\nFROM ')[0]!;
      assert.match(stage, /^USER node$/m, target);
    }
  });

  it('builds with Go of at least the version that go.mod asks for', () => {
    const image = /golang:(\d+)\.(\d+)/.exec(dockerfile)!;
    const wanted = /^go (\d+)\.(\d+)/m.exec(read('network/go.mod'))!;
    assert.deepEqual(image.slice(1, 3), wanted.slice(1, 3));
  });

  it('runs scripts that may be executed', () => {
    for (const [, script] of dockerfile.matchAll(/ENTRYPOINT \["(.+?)"\]/g)) {
      assert.ok((statSync(join(ROOT, script!)).mode & 0o111) !== 0, script);
    }
  });
});

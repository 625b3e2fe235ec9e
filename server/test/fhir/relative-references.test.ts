import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import { example, exampleNames, r4, type Json } from '../support/r4.ts';
import { relativeReference } from '../support/relative-references.ts';

type Path = readonly (string | number)[];

/** What R4's compartment leaves out, and yet tells whom a resource concerns. */
const TELLING =
  /^(AuditEvent\.entity\[\d+\]\.what|Linkage\.item\[\d+\]\.resource|MessageHeader\.focus\[\d+\]|PaymentNotice\.(request|response)|(Provenance|VerificationResult)\.target\[\d+\]|Task\.(basedOn\[\d+\]|focus)|Binary\.securityContext|BiologicallyDerivedProduct\.collection\.source|DeviceMetric\.(source|parent)|EnrollmentResponse\.request|PaymentReconciliation\.(request|detail\[\d+\]\.(request|response))|Slot\.schedule)$/;
const OTHERS = /^(StructureDefinition|ValueSet|CodeSystem|SearchParameter|Bundle|Parameters)-/;

const names = exampleNames((name) => !OTHERS.test(name)).filter(
  (name) => r4.validate(example(name)).length === 0,
);
const expressionOf = (type: string, path: Path): string =>
  path.reduce<string>(
    (text, step) => text + (typeof step === 'number' ? `[${step}]` : `.${step}`),
    type,
  );

/** Where a resource has the literals of its References. */
function literalsOf(resource: Json): readonly Path[] {
  const found: Path[] = [];
  const walk = (value: unknown, path: Path): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [name, member] of Object.entries(value)) {
      const at = [...path, Array.isArray(value) ? Number(name) : name];
      // What a contained resource is referred to by has rules of its own.
      const isLiteral = name === 'reference' && typeof member === 'string' && member[0] !== '#';
      if (isLiteral && r4.typeAt(resource, at)?.owner === 'Reference') found.push(at);
      walk(member, at);
    }
  };
  walk(resource, []);
  return found;
}

function withLiteral(resource: Json, path: Path, literal: string): Json {
  const copy = structuredClone(resource);
  let at: Record<string | number, unknown> = copy;
  for (const step of path.slice(0, -1)) at = at[step] as Record<string | number, unknown>;
  at['reference'] = literal;
  return copy;
}

describe('a relative reference that is not Type/id', () => {
  it('is refused where it would tell whom the resource concerns, and warned of anywhere else', () => {
    let [kept, refused] = [0, 0];
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.nat(), relativeReference, (name, n, literal) => {
        const resource = example(name);
        const type = String(resource['resourceType']);
        const paths = literalsOf(resource);
        const path = paths[n % paths.length];
        if (path === undefined) return;
        const at = expressionOf(type, path);
        const decides =
          r4.patientsOf(withLiteral(resource, path, 'Patient/zz')).includes('zz') ||
          TELLING.test(at.slice(0, -'.reference'.length));
        const issues = r4.assess(withLiteral(resource, path, literal));
        const own = issues.filter(({ expression }) => expression?.[0] === at);
        assert.deepEqual(
          own.map(({ severity }) => severity),
          [decides ? 'error' : 'warning'],
          `${name} ${at} ${literal}: ${JSON.stringify(issues)}`,
        );
        const errors = issues.filter(({ severity }) => severity === 'error');
        assert.equal(errors.length, decides ? 1 : 0, JSON.stringify(errors));
        if (decides) refused += 1;
        else kept += 1;
      }),
      { numRuns: 600, seed: 20261130 },
    );
    assert.ok(kept > 50 && refused > 50, `${kept} kept, ${refused} refused`);
  });

  it('is refused in what a Bundle or Parameters carry, too', () => {
    const carried = { resourceType: 'Observation', status: 'final', code: { text: 'x' } };
    fc.assert(
      fc.property(relativeReference, (reference) => {
        const resource = { ...carried, subject: { reference }, derivedFrom: [{ reference }] };
        const wholes: readonly Json[] = [
          { resourceType: 'Bundle', type: 'collection', entry: [{ resource }] },
          {
            resourceType: 'Parameters',
            parameter: [{ name: 'x', part: [{ name: 'y', resource }] }],
          },
        ];
        for (const whole of wholes) {
          const [at, ...more] = r4.validate(whole).flatMap(({ expression = [] }) => expression);
          assert.match(at ?? '', /\.resource\.subject\.reference$/);
          assert.deepEqual(more, []);
        }
      }),
      { numRuns: 50, seed: 20261130 },
    );
  });

  it('is indexed as it stands, and leads nowhere', () => {
    fc.assert(
      fc.property(relativeReference, (reference) => {
        const entries = r4.indexEntries({
          resourceType: 'Communication',
          basedOn: [{ reference }],
        });
        const basedOn = entries.filter((entry) => entry.param.startsWith('based-on'));
        assert.deepEqual(basedOn, [{ kind: 'reference', param: 'based-on', target: reference }]);
      }),
      { numRuns: 200, seed: 20261130 },
    );
  });

  it('is refused where it is no URL at all', () => {
    for (const reference of ['Task/a b', 'Task/a\tb', '<a>', 'a"b', '1:b', '{x}']) {
      const resource = {
        resourceType: 'Communication',
        status: 'completed',
        basedOn: [{ reference }],
      };
      assert.deepEqual(
        r4.validate(resource).map(({ expression }) => expression?.[0]),
        ['Communication.basedOn[0].reference'],
        reference,
      );
    }
  });
});

import type { AuditEvent } from 'fhir/r4.js';
import type { StoredLeaf } from '../store/leaf-queue.ts';
import { decodeDetail, type AccessDetail } from './access-detail.ts';
import { toldQuery } from './told-query.ts';

const ACTION: Readonly<Record<string, AuditEvent['action']>> = {
  create: 'C',
  update: 'U',
  patch: 'U',
  '$meta-add': 'U',
  '$meta-delete': 'U',
  delete: 'D',
  'search-type': 'E',
};

const INTERACTIONS = 'http://hl7.org/fhir/restful-interaction';
/** In fhir-profiles. */
const OPERATIONS = 'https://chartseal.example.org/fhir/CodeSystem/operation';

/**
 * One entry of the access log as FHIR; its `entity.detail` tells where in the evidence log it stands.
 *
 * @rule AuditEvent
 */
export function auditEvent(leaf: StoredLeaf, custodian: string): AuditEvent {
  const detail = decodeDetail(leaf.content ?? new Uint8Array());
  const { actor } = detail.request;
  // The token of anybody but a patient names one by its launch.
  const patient = actor.role === 'patient' ? actor.patient : undefined;
  const who = actor.practitioner ?? patient ?? actor.organization;
  const denied = detail.outcome === 'deny';
  return {
    resourceType: 'AuditEvent',
    id: leaf.id,
    type: {
      system: 'http://terminology.hl7.org/CodeSystem/audit-event-type',
      code: 'rest',
      display: 'RESTful Operation',
    },
    subtype: subtypes(detail.interaction),
    action: ACTION[detail.interaction] ?? 'R',
    recorded: detail.at,
    outcome: denied ? '8' : '0',
    outcomeDesc: `${denied ? 'refused' : 'permitted'}: ${detail.reason}${
      detail.basis.length === 0 ? '' : ` (${detail.basis.join(', ')})`
    }`,
    purposeOfEvent: purposes(detail.request.purposes),
    agent: [
      {
        type: { text: actor.role },
        who: { reference: who, display: actor.client },
        requestor: true,
        purposeOfUse: purposes(detail.request.purposes),
      },
      ...(who === actor.organization
        ? []
        : [{ who: { reference: actor.organization }, requestor: false }]),
    ],
    source: { observer: { reference: custodian } },
    entity: [
      {
        what: { reference: detail.patient },
        type: { system: 'http://terminology.hl7.org/CodeSystem/audit-entity-type', code: '1' },
        role: { system: 'http://terminology.hl7.org/CodeSystem/object-role', code: '1' },
        detail: [...proofDetails(leaf, detail.tx), ...requestDetail(detail.requestId)],
      },
      ...detail.resources.map((resource) => ({
        what: { reference: resource },
        type: { system: 'http://terminology.hl7.org/CodeSystem/audit-entity-type', code: '2' },
      })),
      ...(detail.query === undefined
        ? []
        : [
            {
              type: {
                system: 'http://terminology.hl7.org/CodeSystem/audit-entity-type',
                code: '2',
              },
              role: { system: 'http://terminology.hl7.org/CodeSystem/object-role', code: '24' },
              description: detail.request.class,
              query: Buffer.from(toldOf(detail, detail.query), 'utf8').toString('base64'),
            },
          ]),
    ],
  };
}

/** Operations have a name of their own besides R4's code for all of them. */
function subtypes(interaction: string): { system: string; code: string }[] {
  return interaction.startsWith('$')
    ? [
        { system: OPERATIONS, code: interaction },
        { system: INTERACTIONS, code: 'operation' },
      ]
    : [{ system: INTERACTIONS, code: interaction }];
}

function purposes(codes: readonly string[]): { coding: { system: string; code: string }[] }[] {
  return codes.map((code) => ({
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code }],
  }));
}

function proofDetails(
  leaf: StoredLeaf,
  tx: string | undefined,
): { type: string; valueString?: string; valueBase64Binary?: string }[] {
  return [
    { type: 'leaf', valueBase64Binary: Buffer.from(leaf.bytes).toString('base64') },
    { type: 'leaf-hash', valueString: Buffer.from(leaf.hash).toString('hex') },
    ...(tx === undefined ? [] : [{ type: 'decision-transaction', valueString: tx }]),
    ...(leaf.index === undefined ? [] : [{ type: 'log-index', valueString: String(leaf.index) }]),
    ...(leaf.anchored === undefined
      ? []
      : [{ type: 'append-transaction', valueString: leaf.anchored.txId }]),
  ];
}

function requestDetail(id: string | undefined): { type: string; valueString: string }[] {
  return id === undefined ? [] : [{ type: 'request', valueString: id }];
}

/** Earlier servers kept searches as they were sent; of those that are kept as they may be told nothing changes. */
function toldOf({ patient }: AccessDetail, query: string): string {
  return toldQuery(query, patient.replace('Patient/', ''));
}

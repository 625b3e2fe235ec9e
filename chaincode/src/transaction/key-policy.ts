import { list, object, type Shape } from '@chartseal/evidence/shape';
import { msp } from './atoms.ts';
import { ContractError } from './errors.ts';

/** The members of the channel that agreed on this chaincode, and which of them audits: part of what they agreed on. */
export interface Membership {
  /** MSP ids. */
  readonly organisations: readonly string[];
  readonly auditor: string;
}

export const membership: Shape<Membership> = object({
  organisations: list(msp, 100, 1),
  auditor: msp,
});

/**
 * Policy of a key that a custodian keeps: its own peer and one of another member must have computed what is written.
 * Bytes of a `SignaturePolicyEnvelope`; the shim's own class can only ask for all of the organisations it is given.
 *
 * @throws ContractError `caller-not-allowed` when the custodian is no member
 * @rule key-level endorsement policy
 */
export function custodianPolicy(custodian: string, members: Membership): Uint8Array {
  return both(custodian, othersOf(custodian, members));
}

/**
 * Policy of the key of a custodian's overarching policy: its own peer and the auditor's. The auditor's own needs any
 * other member.
 */
export function auditedPolicy(custodian: string, members: Membership): Uint8Array {
  const others = othersOf(custodian, members);
  return both(custodian, custodian === members.auditor ? others : [members.auditor]);
}

function othersOf(custodian: string, { organisations }: Membership): readonly string[] {
  if (!organisations.includes(custodian)) {
    throw new ContractError('caller-not-allowed', 'the organisation is no member of this channel');
  }
  return organisations.filter((each) => each !== custodian);
}

/** The first and one of the others; a member that is alone (embedded ledger) can only ask itself. */
function both(custodian: string, others: readonly string[]): Uint8Array {
  const oneOther = outOf(
    1,
    others.map((_, i) => signedBy(i + 1)),
  );
  const rule = others.length === 0 ? signedBy(0) : outOf(2, [signedBy(0), oneOther]);
  return Buffer.concat([
    field(2, rule),
    ...[custodian, ...others].map((each) => field(3, peer(each))),
  ]);
}

/** `SignaturePolicy.n_out_of`. */
function outOf(n: number, rules: readonly Uint8Array[]): Uint8Array {
  return field(2, Buffer.concat([number(1, n), ...rules.map((rule) => field(2, rule))]));
}

/** `SignaturePolicy.signed_by`: the place in the list of identities. */
const signedBy = (place: number): Uint8Array => number(1, place);

/** `MSPRole.PEER`. */
const PEER = 3;

/** `MSPPrincipal` of the class `ROLE`, which is 0 and so left out. */
function peer(organisation: string): Uint8Array {
  return field(2, Buffer.concat([field(1, Buffer.from(organisation, 'utf8')), number(2, PEER)]));
}

/** A field of wire type 2. */
function field(tag: number, content: Uint8Array): Uint8Array {
  return Buffer.concat([varint(tag * 8 + 2), varint(content.length), content]);
}

/** A field of wire type 0. */
function number(tag: number, value: number): Uint8Array {
  return Buffer.concat([varint(tag * 8), varint(value)]);
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) + 0x80);
  return Buffer.of(...bytes, rest);
}

import { membership, type Membership } from './transaction/key-policy.ts';

/** The members as the environment of the process names them: JSON; undefined when it does not. */
export function readMembership(json: string): Membership | undefined {
  try {
    const members = membership(JSON.parse(json), 'members');
    return members.organisations.includes(members.auditor) ? members : undefined;
  } catch {
    return undefined;
  }
}

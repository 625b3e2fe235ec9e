import type { Conditioned } from '../../interactions/conditions/judged.ts';
import type { RestRequest } from '../rest-request.ts';
import type { Interaction, Route } from './route.ts';

type Row = Pick<Route, 'offers' | 'changes'>;

const CHANGES: Readonly<Record<Interaction['interaction'], 'one' | 'several' | 'nothing'>> = {
  read: 'nothing',
  vread: 'nothing',
  history: 'nothing',
  search: 'nothing',
  create: 'one',
  update: 'one',
  patch: 'one',
  delete: 'one',
  'batch-or-transaction': 'several',
};

/** Tells whether this call may change data: an interaction by what it is, an operation by what its row says of the call. */
export function changesData({ offers, changes }: Row, request: RestRequest): boolean {
  return 'interaction' in offers
    ? CHANGES[offers.interaction] !== 'nothing'
    : changes?.(request) === true;
}

/** Tells whether some call of the row may change data, whatever this one asks for. */
export function mayChangeData({ offers, changes }: Row): boolean {
  return 'interaction' in offers
    ? CHANGES[offers.interaction] !== 'nothing'
    : changes !== undefined;
}

/** Tells whether the row is an interaction that changes one resource: `Prefer: return` of a Bundle is about its entries. */
export function isWrite({ offers }: Pick<Route, 'offers'>): boolean {
  return 'interaction' in offers && CHANGES[offers.interaction] === 'one';
}

/** Tells whether the row does nothing but change a version that is there. */
export function changesVersion(offers: Route['offers']): boolean {
  if ('operation' in offers) return offers.changesVersion === true;
  return offers.interaction === 'patch' || offers.interaction === 'delete';
}

/** As what the row judges conditions. */
export function conditionedAs({ offers }: Pick<Route, 'offers'>): Conditioned {
  if ('interaction' in offers) return offers.interaction;
  return offers.changesVersion === true ? 'operation-on-version' : 'operation';
}

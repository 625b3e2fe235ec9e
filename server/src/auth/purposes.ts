import { isPurposeWithin } from '@chartseal/chaincode';

/**
 * Purposes of use a token may state: the codes below PurposeOfUse in
 * http://terminology.hl7.org/CodeSystem/v3-ActReason as R4 publishes it.
 */
const purposes: ReadonlySet<string> = new Set(
  [
    'HMARKT HOPERAT CAREMGT DONAT FRAUD GOV HACCRED HCOMPL HDECD HDIRECT HDM HLEGAL HOUTCOMS HPRGRP',
    'HQUALIMP HSYSADMIN LABELING METAMGT MEMADMIN MILCDM PATADMIN PATSFTY PERFMSR RECORDMGT SYSDEV HTEST TRAIN',
    'HPAYMT CLMATTCH COVAUTH COVERAGE ELIGDTRM ELIGVER ENROLLM MILDCRG REMITADV',
    'HRESCH BIORCH CLINTRCH CLINTRCHNPC CLINTRCHPC PRECLINTRCH DSRCH POARCH TRANSRCH',
    'PATRQT FAMRQT PWATRNY SUPNWK PUBHLTH DISASTER THREAT',
    'TREAT CLINTRL COC ETREAT BTG ERTREAT POPHLTH',
  ].flatMap((line) => line.split(' ')),
);

export const DEFAULT_PURPOSE = 'TREAT';

/**
 * Is true of the code of a purpose of use.
 *
 * @rule purpose of use
 */
export function isPurpose(code: string): boolean {
  return purposes.has(code);
}

/**
 * Tells whether a caller may state a purpose of use: one that its entry in the directory names. Where that names none it is
 * treatment with what is within it, but for breaking the glass.
 */
export function mayState(
  code: string,
  { purposes: named }: { readonly purposes?: readonly string[] },
): boolean {
  if (named !== undefined) return named.includes(code);
  return isPurposeWithin(code, DEFAULT_PURPOSE) && code !== 'BTG';
}

/** Parents below PurposeOfUse in http://terminology.hl7.org/CodeSystem/v3-ActReason (2018-08-12, R4). */
const CHILDREN: Readonly<Record<string, readonly string[]>> = {
  PurposeOfUse: ['HMARKT', 'HOPERAT', 'HPAYMT', 'HRESCH', 'PATRQT', 'PUBHLTH', 'TREAT'],
  HOPERAT: [
    ...['CAREMGT', 'DONAT', 'FRAUD', 'GOV', 'HACCRED', 'HCOMPL', 'HDECD', 'HDIRECT', 'HDM'],
    ...['HLEGAL', 'HOUTCOMS', 'HPRGRP', 'HQUALIMP', 'HSYSADMIN', 'MEMADMIN', 'MILCDM', 'PATADMIN'],
    ...['PATSFTY', 'PERFMSR', 'RECORDMGT', 'SYSDEV', 'TRAIN'],
  ],
  HSYSADMIN: ['LABELING', 'METAMGT'],
  SYSDEV: ['HTEST'],
  HPAYMT: ['CLMATTCH', 'COVAUTH', 'COVERAGE', 'REMITADV'],
  COVERAGE: ['ELIGDTRM', 'ELIGVER', 'ENROLLM', 'MILDCRG'],
  HRESCH: ['BIORCH', 'CLINTRCH', 'DSRCH', 'POARCH', 'TRANSRCH'],
  CLINTRCH: ['CLINTRCHNPC', 'CLINTRCHPC', 'PRECLINTRCH'],
  PATRQT: ['FAMRQT', 'PWATRNY', 'SUPNWK'],
  PUBHLTH: ['DISASTER', 'THREAT'],
  TREAT: ['CLINTRL', 'COC', 'ETREAT', 'POPHLTH'],
  ETREAT: ['BTG', 'ERTREAT'],
};

const PARENTS = new Map(
  Object.entries(CHILDREN).flatMap(([parent, children]) =>
    children.map((child) => [child, parent]),
  ),
);

/**
 * Tells whether `purpose` is `general` or one of its descendants. A code outside the table is only itself.
 *
 * @rule purpose of use
 */
export function isPurposeWithin(purpose: string, general: string): boolean {
  for (let code: string | undefined = purpose; code !== undefined; code = PARENTS.get(code)) {
    if (code === general) return true;
  }
  return false;
}

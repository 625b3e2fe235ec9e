/** Numbers in [0, 1) that are the same in every run with the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const codes = [
  ['8867-4', 'Heart rate', '/min', 50, 110],
  ['8310-5', 'Body temperature', 'Cel', 35, 40],
  ['29463-7', 'Body weight', 'kg', 40, 130],
  ['2339-0', 'Glucose [Mass/volume] in Blood', 'mg/dL', 60, 240],
] as const;

export function patient(random: () => number, index: number): object {
  const number = String(Math.floor(random() * 1e9)).padStart(9, '0');
  return {
    resourceType: 'Patient',
    identifier: [{ system: 'https://hospital.example.org/records', value: `BENCH-${number}` }],
    active: true,
    name: [{ use: 'official', family: `Bench${index}`, given: ['Alex', 'Kim'] }],
    telecom: [{ system: 'phone', value: `555-${number.slice(0, 4)}`, use: 'home' }],
    gender: index % 2 === 0 ? 'female' : 'male',
    birthDate: `${1930 + (index % 90)}-0${1 + (index % 9)}-1${index % 9}`,
    address: [{ use: 'home', line: [`${index} Mill Road`], city: 'Ashford', postalCode: '01234' }],
    managingOrganization: { reference: 'Organization/hospital' },
  };
}

export interface Observed {
  readonly code: string;
  readonly at: string;
  readonly resource: object;
}

export function observation(random: () => number, patientId: string): Observed {
  const [code, display, unit, low, high] = codes[Math.floor(random() * codes.length)] ?? codes[0];
  const at = new Date(Date.UTC(2015, 0, 1) + Math.floor(random() * 3.1e11)).toISOString();
  const value = Number((low + random() * (high - low)).toFixed(1));
  return {
    code,
    at,
    resource: {
      resourceType: 'Observation',
      status: 'final',
      category: [
        {
          coding: [
            {
              system: 'http://terminology.hl7.org/CodeSystem/observation-category',
              code: code === '2339-0' ? 'laboratory' : 'vital-signs',
            },
          ],
        },
      ],
      code: { coding: [{ system: 'http://loinc.org', code, display }], text: display },
      subject: { reference: `Patient/${patientId}` },
      effectiveDateTime: at,
      valueQuantity: { value, unit, system: 'http://unitsofmeasure.org', code: unit },
      note: [{ text: `Measured on the ward, reading ${Math.floor(random() * 1e6)}.` }],
    },
  };
}

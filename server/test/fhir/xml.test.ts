import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from '@jest/globals';
import fc from 'fast-check';
import { loadDefinitions } from '../../src/fhir/definitions.ts';
import { FhirError } from '../../src/fhir/errors.ts';
import { createTypeModels } from '../../src/fhir/type-model.ts';
import { jsonToXml } from '../../src/fhir/xml/json-to-xml.ts';
import { xmlToJson } from '../../src/fhir/xml/xml-to-json.ts';

const models = createTypeModels(
  loadDefinitions(join(import.meta.dirname, '..', '..', 'definitions')),
);
const XMLNS = 'xmlns="http://hl7.org/fhir"';
const DIV = '<div xmlns="http://www.w3.org/1999/xhtml">';

function end<T>(steps: Generator<unknown, T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}

const toJson = (xml: string): string => end(xmlToJson(models, xml));
const toXml = (json: string, pretty = false): string => end(jsonToXml(models, json, { pretty }));
const body = (xml: string): string =>
  xml.replace('<?xml version="1.0" encoding="UTF-8"?>', '').replace(` ${XMLNS}`, '');

describe('XML and JSON of the same resource', () => {
  const PAIRS: readonly (readonly [name: string, xml: string, json: string])[] = [
    [
      'a decimal keeps its digits',
      `<Observation><valueQuantity><value value="1.50E+2"/></valueQuantity></Observation>`,
      `{"resourceType":"Observation","valueQuantity":{"value":1.50E+2}}`,
    ],
    [
      'booleans and integers are no strings',
      `<Patient><active value="true"/><multipleBirthInteger value="2"/></Patient>`,
      `{"resourceType":"Patient","active":true,"multipleBirthInteger":2}`,
    ],
    [
      'ids and extensions of primitives, where there is no value too',
      `<Patient><name><given value="A"/><given id="g"><extension url="http://x.test/u"><valueCode value="c"/></extension></given><given value="B"/></name></Patient>`,
      `{"resourceType":"Patient","name":[{"given":["A",null,"B"],"_given":[null,{"id":"g","extension":[{"url":"http://x.test/u","valueCode":"c"}]},null]}]}`,
    ],
    [
      'an extension of a primitive that stands alone',
      `<Patient><birthDate id="b" value="1970-01-01"/></Patient>`,
      `{"resourceType":"Patient","birthDate":"1970-01-01","_birthDate":{"id":"b"}}`,
    ],
    [
      'narrative as it is written',
      `<Patient><text><status value="generated"/>${DIV}a &amp; b&#160;<br/>\r\n\t<!-- c --> "q"</div></text></Patient>`,
      `{"resourceType":"Patient","text":{"status":"generated","div":${JSON.stringify(`${DIV}a &amp; b&#160;<br/>\r\n\t<!-- c --> "q"</div>`)}}}`,
    ],
    [
      'contained resources and those of a Bundle',
      `<Bundle><type value="collection"/><entry><fullUrl value="urn:uuid:1"/><resource><List><contained><Patient><id value="p"/></Patient></contained></List></resource></entry></Bundle>`,
      `{"resourceType":"Bundle","type":"collection","entry":[{"fullUrl":"urn:uuid:1","resource":{"resourceType":"List","contained":[{"resourceType":"Patient","id":"p"}]}}]}`,
    ],
    [
      'white space and special characters of a value',
      `<Patient><name><text value=" &lt;a&gt;&amp;&quot;'&#9;&#10;&#13;é😀 "/></name></Patient>`,
      `{"resourceType":"Patient","name":[{"text":" <a>&\\"'\\t\\n\\ré😀 "}]}`,
    ],
    [
      'an element of elements that has an id',
      `<Patient><name id="n"><family value="F"/></name></Patient>`,
      `{"resourceType":"Patient","name":[{"id":"n","family":"F"}]}`,
    ],
  ];
  for (const [name, xml, json] of PAIRS) {
    it(name, () => {
      const document = xml.replace(/^<\w+/, (root) => `${root} ${XMLNS}`);
      assert.equal(toJson(document), json);
      assert.equal(body(toXml(json)), xml);
      assert.equal(toJson(toXml(json)), json);
      assert.equal(toJson(toXml(json, true)), json);
    });
  }

  it('elements are written in the order of R4, whatever the order of the members', () => {
    const json =
      '{"name":[{"given":["G"],"family":"F"}],"_active":{"id":"a"},"id":"p","resourceType":"Patient"}';
    assert.equal(
      body(toXml(json)),
      '<Patient><id value="p"/><active id="a"/><name><family value="F"/><given value="G"/></name></Patient>',
    );
  });

  it('a prefix, a byte order mark, comments, instructions and formatting are no content', () => {
    const xml = `\uFEFF<?xml version="1.0" encoding="utf-8"?><?x y?><!-- c -->
      <f:Patient xmlns:f="http://hl7.org/fhir" xmlns="http://www.w3.org/1999/xhtml">
        <f:text><f:status value="generated"/><div>a</div></f:text><!-- c --><f:active value="true" />
      </f:Patient>`;
    assert.equal(
      toJson(xml),
      `{"resourceType":"Patient","text":{"status":"generated","div":${JSON.stringify(`${DIV}a</div>`)}},"active":true}`,
    );
  });

  it('the plus of an integer is dropped, line breaks of an attribute become spaces', () => {
    const xml = `<Binary ${XMLNS}><contentType value="a/b"/><data value="AAAA\r\nAAAA"/></Binary>`;
    assert.equal(toJson(xml), '{"resourceType":"Binary","contentType":"a/b","data":"AAAA AAAA"}');
    assert.equal(
      toJson(`<Patient ${XMLNS}><multipleBirthInteger value="+2"/></Patient>`),
      '{"resourceType":"Patient","multipleBirthInteger":2}',
    );
  });

  it('any text and any decimal survive both ways', () => {
    const decimal = fc
      .tuple(fc.bigInt(), fc.option(fc.stringMatching(/^[0-9]{1,20}$/)), fc.option(fc.integer()))
      .map(
        ([whole, fraction, exponent]) =>
          `${whole}${fraction === null ? '' : `.${fraction}`}${exponent === null ? '' : `e${exponent % 200}`}`,
      );
    const unwritable = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;
    const text = fc.string({ unit: 'binary', minLength: 1 }).filter((it) => !unwritable.test(it));
    fc.assert(
      fc.property(text, decimal, (unit, value) => {
        const json = `{"resourceType":"Observation","valueQuantity":{"value":${value},"unit":${JSON.stringify(unit)}}}`;
        assert.equal(toJson(toXml(json)), json);
      }),
    );
  });
});

describe('XML that is refused', () => {
  const patient = (inside: string): string => `<Patient ${XMLNS}>\n${inside}</Patient>`;
  const REFUSED: readonly (readonly [name: string, xml: string, message: RegExp])[] = [
    ['no XML', 'hello', /line 1/],
    ['an end that is missing', `<Patient ${XMLNS}>`, /unclosed/],
    ['a DTD', `<!DOCTYPE Patient><Patient ${XMLNS}/>`, /document type/],
    [
      'an entity of its own',
      `<!DOCTYPE P [<!ENTITY x SYSTEM "file:///etc/passwd">]>${patient('<id value="&x;"/>')}`,
      /document type/,
    ],
    ["an entity of HTML's", patient('<id value="&nbsp;"/>'), /entity.*line 2/],
    ['a tower of entities', patient('<id value="&lol9;"/>'), /entity/],
    ['another encoding', `<?xml version="1.0" encoding="latin1"?>${patient('')}`, /UTF-8/],
    ['another version of XML', `<?xml version="1.1"?>${patient('')}`, /1\.0/],
    ['no namespace', '<Patient/>', /namespace/],
    ['another namespace inside', patient('<id xmlns="urn:x" value="1"/>'), /no element "id"/],
    ['no resource type', `<HumanName ${XMLNS}/>`, /HumanName/],
    ['an unknown element', patient('<colour value="red"/>'), /no element "colour".*line 2/],
    [
      'an unknown attribute',
      patient('<active colour="red"/>'),
      /attribute "colour".*Patient\.active/,
    ],
    ['an attribute of the root', `<Patient ${XMLNS} id="x"/>`, /attribute "id"/],
    ['an element that is an attribute', patient('<name><id value="x"/></name>'), /"id"/],
    ['text between elements', patient('Peter'), /text/],
    ['CDATA between elements', patient('<![CDATA[x]]>'), /text/],
    [
      'a wrong order',
      patient('<name><given value="a"/><family value="b"/></name>'),
      /family must stand before given at Patient\.name\[0\]/,
    ],
    ['a repetition', patient('<gender value="male"/><gender value="male"/>'), /repeated/],
    [
      'repetitions that something stands between',
      patient('<name/><telecom/><name/>'),
      /name must stand before telecom/,
    ],
    [
      'two of one choice',
      patient('<deceasedBoolean value="true"/><deceasedDateTime value="2020"/>'),
      /exclude each other/,
    ],
    ['an empty element', patient('<active/>'), /value or an extension at Patient\.active/],
    ['a word as boolean', patient('<active value="yes"/>'), /no boolean at Patient\.active/],
    ['a word as integer', patient('<multipleBirthInteger value="1.5"/>'), /no integer/],
    ['contained without a resource', patient('<contained/>'), /resource is expected/],
    [
      'two resources in one contained',
      patient(`<contained><Patient/><Patient/></contained>`),
      /only one/,
    ],
    [
      'a prefix in narrative',
      patient(
        '<text><status value="empty"/><h:div xmlns:h="http://www.w3.org/1999/xhtml"/></text>',
      ),
      /prefix/,
    ],
    [
      'too many attributes',
      `<Patient ${XMLNS} ${Array.from({ length: 200 }, (_, i) => `xmlns:a${i}="u"`).join(' ')}/>`,
      /too many attributes/,
    ],
    [
      'too much depth',
      patient(`${'<extension url="u">'.repeat(300)}${'</extension>'.repeat(300)}`),
      /too deep/,
    ],
  ];
  for (const [name, xml, message] of REFUSED) {
    it(name, () => {
      assert.throws(
        () => toJson(xml),
        (error) => {
          assert.ok(error instanceof FhirError, String(error));
          assert.equal(error.code, 'structure');
          assert.match(error.message, message);
          return true;
        },
      );
    });
  }

  it('says where', () => {
    assert.throws(
      () => toJson(patient('<name><given value="a"/><given/></name>')),
      (error) => error instanceof FhirError && error.expression?.[0] === 'Patient.name[0].given[1]',
    );
  });
});

describe('JSON that XML cannot hold', () => {
  const refused = (json: string): void =>
    assert.throws(
      () => toXml(json),
      (error) => error instanceof FhirError && error.code === 'not-acceptable',
    );
  const narrative = (div: string): string =>
    JSON.stringify({ resourceType: 'Patient', text: { status: 'generated', div } });

  it('is refused and never breaks the document', () => {
    refused('{"resourceType":"Patient","language":"\uFFFE"}');
    for (const div of [
      `${DIV}a</div></text></Patient><Patient>`,
      `${DIV}<p></div>`,
      `${DIV}&nonsense;</div>`,
      `${DIV}</div>${DIV}</div>`,
      `${DIV}</div>x`,
      '<!DOCTYPE div><div/>',
      'hello',
    ]) {
      refused(narrative(div));
    }
    assert.match(
      toXml(narrative('<div>a</div>')),
      /<div xmlns="http:\/\/www.w3.org\/1999\/xhtml">a</,
    );
  });
});

describe("HTML's named characters in narrative", () => {
  it('become numbers in XML', () => {
    const json = JSON.stringify({
      resourceType: 'Patient',
      text: { status: 'generated', div: `${DIV}a&nbsp;&eacute;&amp;&lt;b</div>` },
    });
    assert.match(toXml(json), />a&#160;&#233;&amp;&lt;b<\/div>/);
  });
});

describe('a large document', () => {
  it('is read and written in many steps', () => {
    const entry = '<entry><resource><Patient><active value="true"/></Patient></resource></entry>';
    const xml = `<Bundle ${XMLNS}><type value="batch"/>${entry.repeat(20_000)}</Bundle>`;
    const steps = [...xmlToJson(models, xml)].length;
    assert.ok(steps > 10, String(steps));
    assert.ok([...jsonToXml(models, toJson(xml))].length >= 20_000);
  });
});

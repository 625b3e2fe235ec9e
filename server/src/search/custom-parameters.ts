import type { SearchParameterDefinition } from '../fhir/definitions.ts';
import type { Issue } from '../fhir/errors.ts';
import type { CustomParameter } from './custom-parameter.ts';

/** A parameter as the registry has it. */
interface Named {
  readonly code: string;
  readonly url: string;
}

export interface Merged<P> {
  /** Built-in and custom parameters by code, whatever their state. */
  readonly indexed: ReadonlyMap<string, P>;
  /** Holds the parameters whose index is complete. */
  readonly searchable: ReadonlyMap<string, P>;
  readonly pending: ReadonlySet<string>;
}

interface Sources<P> {
  readonly isType: (name: string) => boolean;
  readonly builtIn: (type: string) => ReadonlyMap<string, P>;
  /** Canonical URLs of all parameters that R4 defines for a type, by code. */
  readonly official: (type: string) => ReadonlyMap<string, string>;
  /** @throws SyntaxError */
  readonly compile: (
    of: { readonly type: string; readonly base: string },
    definition: SearchParameterDefinition,
  ) => P | undefined;
}

/** The custom parameters in use, beside those that are built in. */
export class CustomParameters<P extends Named> {
  readonly #sources: Sources<P>;
  readonly #merged = new Map<string, Merged<P>>();
  #all: readonly CustomParameter[] = [];
  #revision = 0;
  #isReady: (type: string, key: string) => boolean = () => false;

  constructor(sources: Sources<P>) {
    this.#sources = sources;
  }

  /** From now on these are indexed, and searched by where they are ready. */
  use(all: readonly CustomParameter[], isReady: (type: string, key: string) => boolean): void {
    const keys = (of: readonly CustomParameter[]) =>
      JSON.stringify(of.map(({ key }) => key).sort());
    if (keys(all) !== keys(this.#all)) this.#revision += 1;
    this.#all = [...all].sort((a, b) => (a.definition.url < b.definition.url ? -1 : 1));
    this.#isReady = isReady;
    this.#merged.clear();
  }

  get revision(): number {
    return this.#revision;
  }

  /** Keys of those that concern a type, sorted. */
  keys(type: string): readonly string[] {
    return this.#of(type)
      .map(([, { key }]) => key)
      .sort();
  }

  merged(type: string): Merged<P> {
    const found = this.#merged.get(type) ?? this.#merge(type);
    this.#merged.set(type, found);
    return found;
  }

  /** URLs of those that define a code which R4 has for the type: it keeps R4's meaning. By code, sorted. */
  eclipsed(type: string): ReadonlyMap<string, readonly string[]> {
    const official = this.#sources.official(type);
    const found = new Map<string, readonly string[]>();
    for (const [, { definition }] of this.#concerning(type)) {
      const { code, url } = definition;
      if (!official.has(code) || official.get(code) === url) continue;
      found.set(code, [...new Set([...(found.get(code) ?? []), url])]);
    }
    return found;
  }

  #of(type: string): readonly (readonly [base: string, parameter: CustomParameter])[] {
    const official = this.#sources.official(type);
    return this.#concerning(type).filter(([, { definition }]) => !official.has(definition.code));
  }

  #concerning(type: string): readonly (readonly [base: string, parameter: CustomParameter])[] {
    if (!this.#sources.isType(type)) return [];
    return this.#all.flatMap((parameter) => {
      const bases = [type, 'DomainResource', 'Resource'];
      const base = bases.find((each) => parameter.bases.includes(each));
      return base === undefined ? [] : [[base, parameter] as const];
    });
  }

  #merge(type: string): Merged<P> {
    const indexed = new Map(this.#sources.builtIn(type));
    const pending = new Set<string>();
    for (const [base, parameter] of this.#of(type)) {
      if (indexed.has(parameter.definition.code)) continue;
      const made = this.#compile({ type, base }, parameter);
      if ('fault' in made) continue;
      indexed.set(made.compiled.code, made.compiled);
      if (!this.#isReady(type, parameter.key)) pending.add(made.compiled.code);
    }
    const searchable = new Map([...indexed].filter(([code]) => !pending.has(code)));
    return { indexed, searchable, pending };
  }

  /** Says why the parameter cannot be used, by element, and for which of its bases it will not be used: information. */
  review(parameter: CustomParameter): readonly Issue[] {
    const { bases, definition } = parameter;
    const { code } = definition;
    const taken = bases.filter((base) => this.#sources.official(base).has(code));
    const others = taken.filter(
      (base) => this.#sources.official(base).get(code) !== definition.url,
    );
    const free = bases.filter((base) => !taken.includes(base));
    return [
      ...(free.length > 0 ? this.#reviewFree({ ...parameter, bases: free }) : []),
      ...(others.length > 0 ? [eclipse(code, others)] : []),
    ];
  }

  #reviewFree(parameter: CustomParameter): readonly Issue[] {
    const { code, type } = parameter.definition;
    if (type === 'special') return [fault('type', 'A special parameter cannot be added')];
    if (!/^[A-Za-z][A-Za-z0-9-]{0,63}$/.test(code)) {
      return [fault('code', 'The code is a letter, and at most 63 letters, digits and hyphens')];
    }
    return parameter.bases.flatMap((base) => {
      if (!this.#sources.isType(base)) return [fault('base', `R4 has no resource type ${base}`)];
      return this.#reviewFor(base, parameter);
    });
  }

  #reviewFor(base: string, parameter: CustomParameter): readonly Issue[] {
    const { code, url } = parameter.definition;
    const others = this.#all.filter(({ definition, bases }) => {
      return definition.code === code && definition.url !== url && bases.includes(base);
    });
    if (others.length > 0) {
      return [fault('code', `${base} has another search parameter of this code`)];
    }
    const made = this.#compile({ type: base, base }, parameter);
    return 'fault' in made ? [made.fault] : [];
  }

  #compile(
    of: { readonly type: string; readonly base: string },
    { definition }: CustomParameter,
  ): { readonly compiled: P } | { readonly fault: Issue } {
    try {
      const compiled = this.#sources.compile(of, definition);
      if (compiled !== undefined) return { compiled };
      const why = `The expression leads to nothing that a ${definition.type} could be made of`;
      return { fault: fault('expression', why) };
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      return { fault: fault('expression', `The expression cannot be indexed: ${error.message}`) };
    }
  }
}

/** Searches mean by a code of R4 what R4 says, whatever a guide narrows it to. */
function eclipse(code: string, bases: readonly string[]): Issue {
  return {
    severity: 'information',
    code: 'informational',
    diagnostics: `R4 defines ${code} of ${bases.join(', ').slice(0, 200)}: that meaning stays, this one is not used there`,
    expression: ['SearchParameter.code'],
  };
}

function fault(element: string, what: string): Issue {
  return {
    severity: 'error',
    code: 'not-supported',
    diagnostics: what.slice(0, 300).toWellFormed(),
    expression: [`SearchParameter.${element}`],
  };
}

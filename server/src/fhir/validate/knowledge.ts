import type { Definitions } from '../definitions.ts';
import type { Profiles } from '../profile/profiles.ts';
import type { TypeModels } from '../type-model.ts';

/** Holds what a validator knows before it sees a resource. */
export interface Knowledge {
  readonly definitions: Definitions;
  readonly models: TypeModels;
  /** R4's resource types. */
  readonly concrete: ReadonlySet<string>;
  readonly profiles: Profiles | undefined;
}

import type { Issue } from '../errors.ts';
import type { Holds } from '../validate/invariants.ts';
import type { Surroundings } from '../rule.ts';
import type { TypeModels } from '../type-model.ts';
import type { Codes } from './check-binding.ts';
import type { Item } from './item.ts';
import type { Profile } from './profile-model.ts';
import type { Resolve } from './resolve.ts';

/** Says where a checked item stands, and who hears of its faults. */
export interface Standing {
  readonly around: Surroundings;
  readonly resolve: Resolve;
  readonly report: (issue: Issue) => void;
}

/** The check of an item against one profile. */
export interface Scene extends Standing {
  readonly models: TypeModels;
  /** The compiled profile; undefined when it is not known, or cannot be made sense of. */
  readonly find: (url: string) => Profile | undefined;
  readonly codes: Codes;
  readonly holds: Holds;
  /** The profile whose rules are being checked. */
  readonly profile: Profile;
  readonly check: (item: Item, profile: Profile, standing: Standing) => void;
  /** Tells whether an item meets a profile, as far as errors go. */
  readonly meets: (item: Item, profile: Profile, standing: Omit<Standing, 'report'>) => boolean;
}

interface Finding {
  readonly severity: Issue['severity'];
  readonly code: string;
  readonly path: string;
  readonly text: string;
}

/** Reports under the name of the profile. */
export function tell(scene: Scene, { severity, code, path, text }: Finding): void {
  scene.report({
    severity,
    code,
    diagnostics: `${path}: ${text} (${scene.profile.url})`,
    expression: [path],
  });
}

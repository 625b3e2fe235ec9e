import type { Issue } from '../errors.ts';
import { objectsOf } from '../rule.ts';
import type { Surroundings } from '../rule.ts';
import { bindingIssue } from './check-binding.ts';
import { checkTarget } from './check-target.ts';
import { isObject, itemsOf } from './item.ts';
import type { Item } from './item.ts';
import type { ElementRule, Group, Profile, Slice, Slicing } from './profile-model.ts';
import { fits, isSame } from './same-value.ts';
import { tell } from './scene.ts';
import type { Scene, Standing } from './scene.ts';
import { belongsTo } from './slice-of.ts';

/** Holds what checking resources against profiles rests on. */
export type Rules = Pick<Scene, 'models' | 'find' | 'codes' | 'holds'>;

/**
 * Checks an item against what a profile adds to R4.
 *
 * @rule profile
 */
export function checkProfile(rules: Rules, item: Item, profile: Profile, standing: Standing): void {
  under(item, profile, { ...rules, ...standing }, new Map());
}

/** @param above profiles that are being checked, each with what on: a circle of references ends there */
function under(
  item: Item,
  profile: Profile,
  scene: Rules & Standing,
  above: ReadonlyMap<unknown, readonly string[]>,
): void {
  const already = above.get(item.value) ?? [];
  if (already.includes(profile.url)) return;
  const now = new Map(above).set(item.value, [...already, profile.url]);
  checkItem(item, profile.root, {
    ...scene,
    profile,
    check: (other, of, standing) => under(other, of, { ...scene, ...standing }, now),
    meets: (other, of, { around, resolve }) => {
      let sound = true;
      const report = ({ severity }: Issue): void => {
        if (severity === 'error') sound = false;
      };
      under(other, of, { ...scene, around, resolve, report }, now);
      return sound;
    },
  });
}

function aroundOf(item: Item, { around }: Scene): Surroundings {
  if (!item.isResource || !isObject(item.value)) return around;
  const contained = objectsOf(around.root['contained']).includes(item.value);
  return { resource: item.value, root: contained ? around.root : item.value };
}

function checkItem(item: Item, rule: ElementRule, scene: Scene): void {
  const say = (severity: Issue['severity'], code: string, text: string): void =>
    tell(scene, { severity, code, path: item.path, text });
  if (rule.types && !rule.types.has(item.type)) {
    say('error', 'structure', `${item.type} is not allowed here, only ${list(rule.types)}`);
    return;
  }
  checkValue(item, rule, scene);
  if (rule.binding !== undefined) {
    const issue = bindingIssue(item, rule.binding, scene.codes);
    if (issue) say(issue.severity, 'code-invalid', issue.text);
  }
  const inner = item.isResource ? { ...scene, around: aroundOf(item, scene) } : scene;
  for (const constraint of rule.constraints) {
    if (!scene.holds(constraint, item, inner.around)) {
      const severity = constraint.warning === true ? 'warning' : 'error';
      say(severity, 'invariant', `${constraint.human} (${constraint.key})`);
    }
  }
  checkProfiles(item, rule, scene);
  if (rule.targets !== undefined && item.type === 'Reference') {
    checkTarget(item, rule.targets, scene);
  }
  for (const group of rule.groups) checkGroup(item, group, inner);
}

function checkValue({ value, path }: Item, rule: ElementRule, scene: Scene): void {
  if (rule.value === undefined || value === undefined) return;
  const { kind } = rule.value;
  if ((kind === 'fixed' ? isSame : fits)(value, rule.value.value)) return;
  const wanted = kind === 'fixed' ? 'The value must be' : 'The value must have';
  const text = `${wanted} ${JSON.stringify(rule.value.value)}`;
  tell(scene, { severity: 'error', code: 'value', path, text });
}

/** One of the profiles on an element must hold; when there is only one, it says itself what does not. */
function checkProfiles(item: Item, rule: ElementRule, scene: Scene): void {
  const urls = rule.profiles.get(item.type);
  if (urls === undefined) return;
  const profiles = urls.map((url) => scene.find(url));
  const [only] = profiles;
  if (profiles.length === 1) {
    if (only) scene.check(item, only, scene);
    return;
  }
  const open = profiles.some((profile) => profile === undefined);
  if (open || profiles.some((profile) => profile && scene.meets(item, profile, scene))) return;
  tell(scene, {
    severity: 'error',
    code: 'structure',
    path: item.path,
    text: `The element meets none of ${urls.join(', ')}`,
  });
}

function checkGroup(parent: Item, group: Group, scene: Scene): void {
  const items = itemsOf(scene.models, parent, group.name);
  const at = { path: `${parent.path}.${group.name}`, name: group.name };
  checkCount(group.each, items.length, at, scene);
  for (const item of items) checkItem(item, group.each, scene);
  if (group.slicing) checkSlicing(items, group.slicing, { at, scene });
}

interface At {
  readonly path: string;
  /** Says what is counted, in words. */
  readonly name: string;
}

function checkCount({ min, max }: ElementRule, count: number, at: At, scene: Scene): void {
  if (min !== undefined && count < min) {
    const text = `At least ${min} of ${at.name} must be there, found ${count}`;
    tell(scene, { severity: 'error', code: 'required', path: at.path, text });
  }
  if (max !== undefined && count > max) {
    const text =
      max === 0
        ? `${at.name} is not allowed here`
        : `At most ${max} of ${at.name} may be there, found ${count}`;
    tell(scene, { severity: 'error', code: 'structure', path: at.path, text });
  }
}

/** http://hl7.org/fhir/R4/profiling.html#slicing */
function checkSlicing(
  items: readonly Item[],
  slicing: Slicing,
  { at, scene }: { readonly at: At; readonly scene: Scene },
): void {
  const slices = items.map((item) =>
    slicing.slices.findIndex((slice) => belongsTo(item, slice, scene)),
  );
  checkOrder(items, slices, { slicing, scene });
  slicing.slices.forEach((slice: Slice, index) => {
    const own = items.filter((_item, place) => slices[place] === index);
    const here = { path: at.path, name: `the slice ${slice.name} of ${at.name}` };
    checkCount(slice.rule, own.length, here, scene);
    for (const item of own) checkItem(item, slice.rule, scene);
    if (slice.slicing) checkSlicing(own, slice.slicing, { at: here, scene });
  });
}

function checkOrder(
  items: readonly Item[],
  slices: readonly number[],
  { slicing, scene }: { readonly slicing: Slicing; readonly scene: Scene },
): void {
  let highest = -1;
  let unsliced = false;
  items.forEach(({ path }, place) => {
    const slice = slices[place] ?? -1;
    const wrong = (text: string): void =>
      tell(scene, { severity: 'error', code: 'structure', path, text });
    if (slice < 0) {
      unsliced = true;
      if (slicing.rules === 'closed')
        wrong('The element belongs to no slice, and no other is allowed');
      return;
    }
    if (unsliced && slicing.rules === 'openAtEnd') {
      wrong('Elements that belong to no slice are allowed at the end only');
    }
    if (slicing.ordered && slice < highest) {
      wrong(`The slice ${slicing.slices[slice]?.name ?? ''} must stand earlier`);
    }
    highest = Math.max(highest, slice);
  });
}

function list(names: Iterable<string>): string {
  return [...names].join(', ');
}

/** The names of a bundle in requests. */
export interface Named {
  name: string;
  version: string;
  aliases: readonly string[];
  isDefault: boolean;
}

/** Operator-defined names, and the bundle's name or `default` for each of them. */
export type ModelAliases = ReadonlyMap<string, string>;

/** How candidates are matched. */
export interface Naming<T> {
  /** Returns the names of a candidate. */
  named(candidate: T): Named;
  /** They take precedence over the names of bundles in the same spelling. Their targets are not resolved again. */
  aliases?: ModelAliases;
}

/** Order of bundles: by name, then the newest version first. */
export function compareNamed(left: Pick<Named, 'name' | 'version'>, right: Pick<Named, 'name' | 'version'>): number {
  return (
    compareText(left.name, right.name) ||
    right.version.localeCompare(left.version, 'en', { numeric: true }) ||
    compareText(right.version, left.version)
  );
}

/**
 * Compares by code units: different texts are never equal, so an order does not depend on which was announced first.
 */
function compareText(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/**
 * The bundle that a request's `model` names.
 *
 * - Absent, empty, `default` and `default/not-specified`, also with a vendor's prefix: the default bundle.
 * - Any other name is matched as an operator's alias, as a name (also as `name@version`), then as an alias of a bundle.
 * - Then the part after its last `/` is matched in the same way, because proxies add a vendor's prefix.
 * - Last, `.` and `_` are treated as equal, because NIM's clients replace one by the other.
 *
 * If several bundles share an alias, the first by name is chosen; of several versions, the newest.
 */
export function findByName<T>(
  candidates: readonly T[],
  model: string | undefined,
  { named, aliases = new Map() }: Naming<T>,
): T | undefined {
  const first = (matches: (one: Named) => boolean): T | undefined =>
    candidates
      .filter((candidate) => matches(named(candidate)))
      .sort((left, right) => compareNamed(named(left), named(right)))[0];
  if (model === undefined || isDefaultName(model)) return first(({ isDefault }) => isDefault);
  const wanted = model.includes('/') ? [model, model.slice(model.lastIndexOf('/') + 1)] : [model];
  for (const spelling of [(name: string) => name, withoutDots]) {
    for (const name of wanted.map(spelling)) {
      const target = [...aliases].find(([alias]) => spelling(alias) === name)?.[1];
      if (target !== undefined) return findByName(candidates, target, { named });
      const isName = (one: Named) => [one.name, `${one.name}@${one.version}`].map(spelling).includes(name);
      const isAlias = (one: Named) => one.aliases.map(spelling).includes(name);
      const found = first(isName) ?? first(isAlias);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

/** Applied to a bundle's name and to the requested one, so that either may have the dots. */
function withoutDots(name: string): string {
  return name.replaceAll('.', '_');
}

/** The message for an unknown model. It does not repeat the requested name. */
export function noSuchModelMessage(known: readonly string[]): string {
  if (known.length === 0) return 'No such model. No worker serves a model at the moment.';
  return `No such model. Served models: ${[...new Set(known)].sort().join(', ')}.`;
}

/** Names of the default bundle, also with a vendor's prefix. infinity_client sends the long form by default. */
const defaultName = /^$|(?:^|\/)default(?:\/not-specified)?$/;

/** Whether a request leaves the choice of the model to the fleet. */
export function isDefaultName(model: string): boolean {
  return defaultName.test(model);
}

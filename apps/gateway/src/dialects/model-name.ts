/** What a request may call a bundle by. */
export interface Named {
  name: string;
  version: string;
  aliases: readonly string[];
  isDefault: boolean;
}

/** Names of an operator's own and the bundle's name, or `default`, that each of them stands for. */
export type ModelAliases = ReadonlyMap<string, string>;

/** How a candidate is found. */
export interface Naming<T> {
  /** What a candidate is called. */
  named(candidate: T): Named;
  /** Come before everything that a bundle is called in the same spelling; what they stand for is not looked up in them again. */
  aliases?: ModelAliases;
}

/** Order among bundles: by name, then the newest version first. */
export function compareNamed(left: Pick<Named, 'name' | 'version'>, right: Pick<Named, 'name' | 'version'>): number {
  return (
    compareText(left.name, right.name) ||
    right.version.localeCompare(left.version, 'en', { numeric: true }) ||
    compareText(right.version, left.version)
  );
}

/** By code units: no two texts that differ are equal, so an order never depends on who announced itself first. */
function compareText(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/**
 * The bundle that a request's `model` means: absent, empty, `default` and `default/not-specified`, with a vendor's prefix or
 * without, are the default bundle; any other name is matched as it stands, as an operator's alias, as a name (also as
 * `name@version`), as an alias of a bundle, then all this by the part after its last `/`, where gateways put a vendor's prefix
 * before it; last, with `.` and `_` taken as the same, because NIM's clients write one for the other. Of several bundles that
 * share an alias the first by name, of several versions the newest.
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

/** Of a bundle's name and of the wanted one alike, so that either may have the dots. */
function withoutDots(name: string): string {
  return name.replaceAll('.', '_');
}

/** What to tell somebody whose name for a model is nobody's; the name itself is not repeated. */
export function noSuchModelMessage(known: readonly string[]): string {
  if (known.length === 0) return 'No such model. No worker serves any model at the moment.';
  return `No such model. These are served: ${[...new Set(known)].sort().join(', ')}.`;
}

/** What stands for the default bundle, with a vendor's prefix or without; infinity_client sends the long form unless told otherwise. */
const defaultName = /^$|(?:^|\/)default(?:\/not-specified)?$/;

/** Whether a request leaves the choice of the model to the fleet. */
export function isDefaultName(model: string): boolean {
  return defaultName.test(model);
}

/** What a request may call a bundle by. */
export interface Named {
  name: string;
  version: string;
  aliases: readonly string[];
  isDefault: boolean;
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
 * The bundle that a request's `model` means: absent, empty, `default` and `default/not-specified` are the default bundle; any other name is
 * matched as it stands (also as `name@version`), as an alias, then by the part after its last `/`, where gateways put a
 * vendor's prefix before it; last, with `.` and `_` taken as the same, because NIM's clients write one for the other. Of
 * several bundles that share an alias the first by name, of several versions the newest.
 *
 * @param named what each candidate is called
 */
export function findByName<T>(
  candidates: readonly T[],
  model: string | undefined,
  named: (candidate: T) => Named,
): T | undefined {
  const first = (matches: (one: Named) => boolean): T | undefined =>
    candidates
      .filter((candidate) => matches(named(candidate)))
      .sort((left, right) => compareNamed(named(left), named(right)))[0];
  if (isDefaultName(model)) return first(({ isDefault }) => isDefault);
  const wanted = model.includes('/') ? [model, model.slice(model.lastIndexOf('/') + 1)] : [model];
  for (const spelling of [(name: string) => name, withoutDots]) {
    for (const name of wanted.map(spelling)) {
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

/** What stands for the default bundle; the last is what infinity_client sends unless told otherwise. */
type DefaultName = undefined | '' | 'default' | 'default/not-specified';

/** Whether a request leaves the choice of the model to the fleet. */
export function isDefaultName(model: string | undefined): model is DefaultName {
  return model === undefined || model === '' || model === 'default' || model === 'default/not-specified';
}

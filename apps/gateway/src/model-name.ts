/** What a request may call a bundle by. */
export interface Named {
  name: string;
  version: string;
  aliases: readonly string[];
  isDefault: boolean;
}

/**
 * The bundle that a request's `model` means: absent, empty and `default` are the default bundle; any other name is
 * matched as it stands (also as `name@version`), as an alias, then by the part after its last `/`, where gateways put a
 * vendor's prefix before it. Of several versions the newest.
 *
 * @param named what each candidate is called
 */
export function findByName<T>(
  candidates: readonly T[],
  model: string | undefined,
  named: (candidate: T) => Named,
): T | undefined {
  const newest = (matches: (one: Named) => boolean): T | undefined =>
    candidates
      .filter((candidate) => matches(named(candidate)))
      .sort((a, b) => named(b).version.localeCompare(named(a).version, 'en', { numeric: true }))[0];
  const called = (wanted: string): T | undefined =>
    newest(({ name, version }) => name === wanted || `${name}@${version}` === wanted) ??
    newest(({ aliases }) => aliases.includes(wanted));
  if (isDefaultName(model)) return newest(({ isDefault }) => isDefault);
  return called(model) ?? (model.includes('/') ? called(model.slice(model.lastIndexOf('/') + 1)) : undefined);
}

/** Whether a request leaves the choice of the model to the fleet. */
export function isDefaultName(model: string | undefined): model is undefined | '' | 'default' {
  return model === undefined || model === '' || model === 'default';
}

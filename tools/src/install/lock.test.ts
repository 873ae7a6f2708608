import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface LockEntry {
  version?: string;
  optionalDependencies?: Record<string, string>;
}

/** Whether a package has an entry where Node looks for it from a given folder. */
function isLocked(packages: Record<string, LockEntry>, place: string, name: string): boolean {
  const parts = place.split('/node_modules/');
  for (let depth = parts.length; depth > 0; depth--) {
    if (`${parts.slice(0, depth).join('/node_modules/')}/node_modules/${name}` in packages) return true;
  }
  return `node_modules/${name}` in packages;
}

/** Optional packages that the lock lists without a version. `npm ci` refuses such a lock. */
function unlockedOptionals(packages: Record<string, LockEntry>): string[] {
  return Object.entries(packages).flatMap(([place, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => !isLocked(packages, place, name))
      .map((name) => `${name} of ${place}`),
  );
}

it('finds an optional dependency without an entry, and not one beside or above the package', () => {
  const packages = {
    'node_modules/a': { optionalDependencies: { beside: '1', inside: '1', missing: '1' } },
    'node_modules/beside': {},
    'node_modules/a/node_modules/inside': { optionalDependencies: { beside: '1' } },
  };
  expect(unlockedOptionals(packages)).toEqual(['missing of node_modules/a']);
});

it('has a lock entry for every optional dependency, so that npm ci accepts the lock', () => {
  const lock = JSON.parse(readFileSync(join(__dirname, '../../../package-lock.json'), 'utf8')) as {
    packages: Record<string, LockEntry>;
  };
  expect(Object.values(lock.packages).filter((each) => each.optionalDependencies).length).toBeGreaterThan(0);
  expect(unlockedOptionals(lock.packages)).toEqual([]);
});

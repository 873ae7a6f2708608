import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { madeFolder, sourcesChecksum } from './made-folder';

let parent: string;
beforeEach(() => (parent = mkdtempSync(join(tmpdir(), 'made-'))));
afterEach(() => rmSync(parent, { recursive: true }));

const made: string[] = [];
const make = (recipe: string, neededBytes = 1) =>
  madeFolder(join(parent, 'a/model'), {
    recipe,
    neededBytes,
    async make(folder) {
      made.push(recipe);
      writeFileSync(join(folder, recipe), 'content');
    },
  });
beforeEach(() => void (made.length = 0));

test('content is made once per recipe, and replaced when the recipe changes', async () => {
  const folder = await make('one');
  expect(await make('one')).toBe(folder);
  expect(readFileSync(join(folder, 'one'), 'utf8')).toBe('content');
  await make('two');
  expect(existsSync(join(folder, 'one'))).toBe(false);
  expect(made).toEqual(['one', 'two']);
});

test('what an interrupted attempt has left is not used', async () => {
  const options = { recipe: 'one', neededBytes: 1 };
  const folder = join(parent, 'a/model');
  const interrupted = madeFolder(folder, {
    ...options,
    make: async (unfinished) => {
      writeFileSync(join(unfinished, 'half'), '');
      throw new Error('killed');
    },
  });
  await expect(interrupted).rejects.toThrow('killed');
  expect(existsSync(folder)).toBe(false);
  await make('one');
  expect(existsSync(join(folder, 'half'))).toBe(false);
  expect(made).toEqual(['one']);
});

test('a disk that is too small is refused in one line before anything is made', async () => {
  await expect(make('one', 1e18)).rejects.toThrow(/^\S+model needs 1000000000\.0 GB, and [\d.]+ GB are free$/);
  expect(made).toEqual([]);
});

test('a checksum changes with the sources, and not with their tests', () => {
  const [folder, file] = [join(parent, 'src/deep'), join(parent, 'src/deep/a.ts')];
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, 'one');
  const checksum = sourcesChecksum([join(parent, 'src')]);
  writeFileSync(join(folder, 'a.test.ts'), 'test');
  expect(sourcesChecksum([join(parent, 'src')])).toBe(checksum);
  writeFileSync(file, 'two');
  expect(sourcesChecksum([join(parent, 'src')])).not.toBe(checksum);
});

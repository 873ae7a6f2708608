import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseText, withRelease } from './changelog';

const before = `# Changelog

## [Unreleased]

### Added

- By hand.

### Fixed

- A fault.

## [0.1.0] - 2026-01-01

### Added

- Old.
`;

it('a release contains the entries of Unreleased and the texts of its changesets', () => {
  const texts = ['Added: an option.\n\nIts default is 1.', 'Removed: a path.'];
  expect(withRelease(before, { version: '0.2.0', date: '2026-02-03', texts })).toBe(`# Changelog

## [Unreleased]

## [0.2.0] - 2026-02-03

### Added

- By hand.
- an option.

  Its default is 1.

### Fixed

- A fault.

### Removed

- a path.

## [0.1.0] - 2026-01-01

### Added

- Old.
`);
});

it.each(['an option', 'Added: ', 'Improved: a thing', ''])('a changeset with the text %j is refused', (text) => {
  expect(parseText(text)).toBeUndefined();
  expect(() => withRelease(before, { version: '1.0.0', date: '2026-02-03', texts: [text] })).toThrow('changeset');
});

it('a changelog without an Unreleased section is refused', () => {
  expect(() => withRelease('# Changelog\n', { version: '1.0.0', date: '2026-02-03', texts: [] })).toThrow('Unreleased');
});

it('each changeset of the repository has a text of that form, or is empty', () => {
  const folder = join(__dirname, '../../../.changeset');
  const files = readdirSync(folder).filter((file) => file.endsWith('.md') && file !== 'README.md');
  const texts = files.map((file) => [file, readFileSync(join(folder, file), 'utf8').replace(/^---\n[^]*?---\n/, '')]);
  expect(texts.filter(([, text = '']) => text.trim() !== '' && !parseText(text))).toEqual([]);
});

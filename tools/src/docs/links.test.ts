import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { brokenLinks } from './links';

it('every relative link and anchor of this repository has a target', async () => {
  expect(await brokenLinks(join(__dirname, '../../..'))).toEqual([]);
}, 30_000);

describe('brokenLinks', () => {
  let root: string;
  const write = (file: string, text: string) => {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  };

  beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'links-'))));
  afterEach(() => rmSync(root, { recursive: true }));

  it('reports the file and the broken link, in every form of links', async () => {
    write('docs/a.md', 'See [b](b.md), [`c`](../c.md "title"), ![an image](d.png)\nand [e].\n\n[e]: e.md\n');
    write('docs/b.md', '');
    expect(await brokenLinks(root)).toEqual(['docs/a.md: ../c.md', 'docs/a.md: d.png', 'docs/a.md: e.md']);
  });

  it('derives anchors from headings like GitHub', async () => {
    write(
      'a.md',
      '# A\n\n## `max_tokens`, or 50 %?\n\n## Twice\n\n## Twice\n\n## 默认模型 [of b](b.md)\n\n<a id="own"></a>\n',
    );
    const good = ['#max_tokens-or-50-', '#twice', '#twice-1', '#默认模型-of-b', '#own'];
    write('b.md', [...good, '#twice-2', '#max-tokens'].map((anchor) => `[x](a.md${anchor})`).join('\n'));
    write('c/d.md', '# D\n\n[x](#d) [y](#e) [z](../a.md#A)\n');
    expect(await brokenLinks(root)).toEqual([
      'b.md: a.md#twice-2',
      'b.md: a.md#max-tokens',
      'c/d.md: #e',
      'c/d.md: ../a.md#A',
    ]);
  });

  it('ignores code, links with a scheme, and packages', async () => {
    write('a.md', '[x](https://example.org/no.md) `[x](no.md)` <mailto:a@b>\n\n~~~\n# B\n[x](no.md)\n~~~\n\n[x](#b)\n');
    write('node_modules/p/README.md', '[x](no.md)');
    expect(await brokenLinks(root)).toEqual(['a.md: #b']);
  });
});

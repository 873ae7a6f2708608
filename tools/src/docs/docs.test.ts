import { join } from 'node:path';
import { errorCodes } from '@rerank-fleet/contract';
import { code, page, table } from './markdown';
import { referencePages } from './pages';
import { stalePages } from './write';

it('the pages in docs/reference match the code', async () => {
  expect(await stalePages(join(__dirname, '../../..'))).toEqual([]);
}, 60_000);

it('escapes bars and line breaks in table cells', () => {
  expect(table(['a', 'b'], [['x|y', 'one\ntwo']])).toBe('| a | b |\n| --- | --- |\n| x\\|y | one two |');
});

it('begins a page with its title and its origin', () => {
  expect(page('T', [code('x')])).toMatch(/^# T\n\n<!-- Generated .* -->\n\n`x`\n$/);
});

describe('pages', () => {
  const row = { variable: 'KEY', type: 'a text', required: true, secret: true, description: 'The key.' };
  const statusOf = Object.fromEntries(errorCodes.map((each, i) => [each, 400 + (i % 2) * 100]));
  const pages = referencePages({
    metrics: [
      {
        name: 'reranker_x_seconds',
        type: 'histogram',
        help: 'What x takes.',
        unit: 'seconds',
        app: 'worker',
        fromArticle: true,
        labels: [{ name: 'kind', meaning: 'Its kind.', values: ['a', 'b'] }],
        buckets: { edges: [0.1, 1], reason: 'Because.' },
      },
    ],
    gateway: {
      app: 'gateway',
      configuration: [],
      statusOf: statusOf as Record<(typeof errorCodes)[number], number>,
      openapi: { openapi: '3.1.0' },
    },
    others: [{ app: 'worker', configuration: [row] }],
    launcher: [{ ...row, variable: 'PORT', default: '8080', required: false, secret: false }],
    projects: {
      nodes: {
        '@x/gateway': { data: { root: 'apps/gateway' } },
        '@x/e2e': { data: { root: 'apps/e2e' } },
        '@x/contract': { data: { root: 'libs/contract' } },
        '@x/tools': { data: { root: 'tools' } },
      },
      dependencies: {
        '@x/gateway': [{ target: '@x/contract', type: 'static' }],
        '@x/e2e': [{ target: '@x/gateway', type: 'implicit' }],
        '@x/contract': [],
      },
    },
  });

  it('draw each project in its folder, and an arrow to each that it needs', () => {
    expect(pages.get('projects.md')).toContain(`\`\`\`mermaid
flowchart TD
  subgraph libs
    contract
  end
  subgraph apps
    e2e
    gateway
  end
  subgraph repository
    tools
  end
  e2e -.-> gateway
  gateway --> contract
\`\`\``);
  });

  it('list name, help, labels and buckets of each metric', () => {
    const metrics = pages.get('metrics.md');
    for (const part of [
      '### reranker_x_seconds',
      'What x takes.',
      '- `kind`: Its kind.: `a`, `b`',
      'Buckets: 0.1, 1. Because.',
    ]) {
      expect(metrics).toContain(part);
    }
  });

  it('list every error code once, by ascending status', () => {
    const rows = [...(pages.get('errors.md') ?? '').matchAll(/^\| `(\w+)` \| (\d+)/gm)];
    expect(rows.map(([, each]) => each).sort()).toEqual([...errorCodes].sort());
    const statuses = rows.map(([, , status]) => Number(status));
    expect(statuses).toEqual([...statuses].sort((a, b) => a - b));
  });

  it('list each variable with its default, and whether it is required or secret', () => {
    const configuration = pages.get('configuration.md');
    expect(configuration).toContain('| `KEY` | required | a text (secret: never shown or logged) | The key. |');
    expect(configuration).toContain('| `PORT` | `8080` | a text | The key. |');
  });

  it('contain the unchanged OpenAPI document', () => {
    expect(JSON.parse(pages.get('openapi.json') ?? '')).toEqual({ openapi: '3.1.0' });
  });
});

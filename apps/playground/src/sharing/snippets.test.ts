import { execFile, type ExecFileException } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import fc from 'fast-check';
import ts from 'typescript';
import type { RankRequest } from '../ranking/request';
import { startStandIn } from '../ranking/testing';
import { snippet, type SnippetKind, snippetKinds } from './snippets';
import { anyText } from './testing';

const plain: RankRequest = { model: '', query: 'q', documents: ['one', 'two'], instruction: '' };
const nasty: RankRequest = {
  model: 'it\'s/a "model"',
  query: 'Say "hi" & \'bye\'! $HOME `id` $(id) \\n \\\\ %s {{x}} */ // # ${1+1} !! !"',
  documents: [
    'first line\nJSON\nsecond\r\n\tthird',
    '文 😀 \u2028\u2029\u0085 \u007f \u0000 \b\f \ud800 lone',
    '\'\'\'""" \\\' \\" \\',
    '',
    '!',
  ],
  instruction: 'Find\n"""what\'s""" $needed!',
};
const baseUrl = 'https://host:8443/a%20b/index.html?x#y';

/** Runs a program with a text on its standard input. */
function run(program: string, args: string[], { input = '', env = {} }: { input?: string; env?: object } = {}) {
  return new Promise<{ error: ExecFileException | null; stdout: string }>((resolve) => {
    const child = execFile(program, args, { env: { ...process.env, ...env } }, (error, stdout) =>
      resolve({ error, stdout }),
    );
    child.stdin?.on('error', () => undefined).end(input);
  });
}

describe('every snippet', () => {
  test.each(snippetKinds)('of %s takes its key from the environment and the address from the page', (kind) => {
    const code = snippet(kind, { request: plain, baseUrl });
    expect(code).toContain('RERANK_API_KEY');
    expect(code).toContain('https://host:8443/a%20b');
    expect(code).not.toContain('index.html');
  });

  const note = /sends no instruction: the scores are those without yours/;
  test.each([
    ['curl', false],
    ['python', false],
    ['typescript', true],
    ['langchain', true],
  ] as [SnippetKind, boolean][])('of %s says when it cannot send the instruction', (kind, isNoted) => {
    const code = snippet(kind, { request: { ...plain, instruction: 'find' }, baseUrl });
    expect(note.test(code)).toBe(isNoted);
    expect(code.includes('"find"')).toBe(!isNoted);
    expect(snippet(kind, { request: plain, baseUrl })).not.toMatch(/instruction/);
  });
});

describe('curl', () => {
  /** Stands in where there is no curl: understands what the snippet has. */
  const standIn = `#!/usr/bin/env node
const [url, ...args] = process.argv.slice(2);
const headers = args.flatMap((arg, position) => (args[position - 1] === '-H' ? [arg.split(/: (.*)/s).slice(0, 2)] : []));
const chunks = [];
process.stdin.on('data', (chunk) => chunks.push(chunk)).on('end', () => {
  if (args.slice(-2).join(' ') !== '--data-binary @-') process.exit(2);
  fetch(url, { method: 'POST', headers, body: Buffer.concat(chunks) });
});
`;
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'snippets-'));
    writeFileSync(join(folder, 'curl'), standIn);
    chmodSync(join(folder, 'curl'), 0o755);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** What a server sees when the snippet is run. */
  async function sent(request: RankRequest, path = '') {
    const server = await startStandIn(() => ({ body: {} }));
    try {
      const code = snippet('curl', { request, baseUrl: server.url + path });
      // at the end of the path: a real curl goes first
      const env = { RERANK_API_KEY: 'k"1 $x', PATH: `${process.env['PATH']}${delimiter}${folder}` };
      const { error } = await run('bash', [], { input: `${code}\n`, env });
      expect(error).toBeNull();
      return server.requests;
    } finally {
      await server.close();
    }
  }

  test('posts the request to the gateway of the page', async () => {
    const [seen, ...others] = await sent(nasty, "it's/a/prefix/index.html");
    expect(others).toEqual([]);
    expect(seen).toMatchObject({
      method: 'POST',
      path: '/it%27s/a/prefix/v1/rerank',
      headers: { 'content-type': 'application/json', authorization: 'Bearer k"1 $x' },
    });
    expect(JSON.parse(seen?.body ?? '')).toEqual(nasty);
  });

  test('leaves out what is empty', async () => {
    const [seen] = await sent(plain);
    expect(JSON.parse(seen?.body ?? '')).toEqual({ query: 'q', documents: ['one', 'two'] });
  });

  test('posts a request that is too long for an argument', async () => {
    const long = { ...plain, documents: ['x'.repeat(300_000)] };
    const [seen] = await sent(long);
    expect(JSON.parse(seen?.body ?? '')).toEqual({ query: 'q', documents: long.documents });
  });

  test('hands any text through the shell', async () => {
    const texts = fc.sample(anyText, { numRuns: 300, seed: 1 });
    const [seen] = await sent({ ...plain, documents: texts });
    expect(JSON.parse(seen?.body ?? '')).toEqual({ query: 'q', documents: texts });
  });
});

/** The string literals of a snippet in double quotes, outside comments, in their order. */
function literalsIn(code: string): string[] {
  const found = code.matchAll(/"(?:[^"\\]|\\.)*"/g);
  return [...found].map(([literal]) => JSON.parse(literal) as string);
}

/** The keyword arguments of each call of a Python program that are literals; undefined where there is no Python. */
async function pythonArguments(code: string): Promise<Record<string, Record<string, unknown>> | undefined> {
  const script = `
import ast, json, sys
calls = {}
for node in ast.walk(ast.parse(sys.stdin.buffer.read())):
    if isinstance(node, ast.Call) and node.keywords:
        values = calls.setdefault(ast.unparse(node.func), {})
        for keyword in node.keywords:
            try:
                values[keyword.arg] = ast.literal_eval(keyword.value)
            except ValueError:
                pass
print(json.dumps(calls))
`;
  const { error, stdout } = await run('python3', ['-c', script], { input: code });
  if (error?.code === 'ENOENT') return undefined;
  expect(error).toBeNull();
  return JSON.parse(stdout) as Record<string, Record<string, unknown>>;
}

describe('Python with cohere', () => {
  const code = snippet('python', { request: nasty, baseUrl });
  const { model, query, documents, instruction } = nasty;

  test('has the request in literals that are also JSON', () => {
    const [, , , ...literals] = literalsIn(code);
    expect(literals).toEqual([model, query, ...documents, 'additional_body_parameters', 'instruction', instruction]);
  });

  test('means the request to Python itself', async () => {
    const calls = {
      'cohere.ClientV2': { base_url: 'https://host:8443/a%20b' },
      'client.rerank': {
        model,
        query,
        documents,
        request_options: { additional_body_parameters: { instruction } },
      },
    };
    expect((await pythonArguments(code)) ?? calls).toEqual(calls);
  });

  test('names the default model and no options where none are set', async () => {
    const short = snippet('python', { request: plain, baseUrl });
    expect(literalsIn(short).slice(3)).toEqual(['default', 'q', 'one', 'two']);
    expect(short).not.toContain('request_options');
  });
});

describe('LangChain', () => {
  const code = snippet('langchain', { request: nasty, baseUrl });
  const { model, query, documents } = nasty;

  test('has the request in literals that are also JSON', () => {
    const [, , , ...literals] = literalsIn(code);
    expect(literals).toEqual([model, query, ...documents, 'index', 'relevance_score']);
  });

  test('means the request to Python itself, and all results', async () => {
    const calls = {
      CohereRerank: { base_url: 'https://host:8443/a%20b', model },
      'reranker.rerank': { query, documents, top_n: null },
    };
    expect((await pythonArguments(code)) ?? calls).toEqual(calls);
  });
});

describe('TypeScript with the AI SDK', () => {
  /** Runs a snippet against functions in place of its packages. */
  async function evaluated(request: RankRequest, env: Record<string, string> = {}) {
    const { outputText, diagnostics } = ts.transpileModule(snippet('typescript', { request, baseUrl }), {
      compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
      reportDiagnostics: true,
    });
    expect(diagnostics).toEqual([]);
    const createCohere = jest.fn((_: unknown) => ({ reranking: (model: string) => ({ model }) }));
    const rerank = jest.fn((_: unknown) => Promise.resolve({ ranking: [{ originalIndex: 1, score: 0.5 }] }));
    const log = jest.fn();
    const body = outputText.replace(/^import (\{.*?\}) from '(.*?)';$/gm, 'const $1 = packages["$2"];');
    const AsyncFunction = (async () => undefined).constructor as new (
      ...source: string[]
    ) => (...args: unknown[]) => Promise<void>;
    const packages = { ai: { rerank }, '@ai-sdk/cohere': { createCohere } };
    await new AsyncFunction('packages', 'process', 'console', body)(packages, { env }, { log });
    return { client: createCohere.mock.calls, asked: rerank.mock.calls, logged: log.mock.calls };
  }

  test('asks for the ranking and prints it', async () => {
    const { client, asked, logged } = await evaluated(nasty, { RERANK_API_KEY: 'k' });
    expect(client).toEqual([[{ baseURL: 'https://host:8443/a%20b/v2', apiKey: 'k' }]]);
    const { query, documents, model } = nasty;
    expect(asked).toEqual([[{ model: { model }, query, documents }]]);
    expect(logged).toEqual([[1, 0.5]]);
  });

  test('names the default model, and needs no key', async () => {
    const { client, asked } = await evaluated(plain);
    expect(client).toMatchObject([[{ apiKey: 'none' }]]);
    expect(asked).toMatchObject([[{ model: { model: 'default' } }]]);
  });

  test('holds any text', async () => {
    const documents = fc.sample(anyText, { numRuns: 300, seed: 2 });
    const { asked } = await evaluated({ ...plain, documents });
    expect(asked).toMatchObject([[{ documents }]]);
  });
});

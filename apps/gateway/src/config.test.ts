import { assertSecretsAreTyped, ConfigError, describeConfig, parseConfig } from '@rerank-fleet/service-shell';
import { configSchema, edgeConfig } from './config';

const edgeOf = (env: Record<string, string>) => edgeConfig(parseConfig(configSchema, env));

describe('edgeConfig', () => {
  test('has the documented defaults', () => {
    expect(edgeOf({})).toEqual({
      apiKeys: [],
      trustedNetworks: [],
      allowedOrigins: [],
      maxDocuments: 1_000,
      maxBodyBytes: 10_000_000,
      maxHeldBytes: 80_000_000,
      maxTextCharacters: 100_000,
      maxJsonDepth: 20,
      modelAliases: new Map(),
      waitMs: 300_000,
      bodyTimeoutMs: 60_000,
      headersTimeoutMs: 15_000,
      keepAliveMs: 75_000,
      feedbackMemory: 10_000,
      links: { grafana: undefined, queueBoard: undefined },
    });
  });

  test.each(['javascript:alert(1)', 'grafana.example.org', 'ftp://grafana'])('refuses %s as a link', (address) => {
    expect(() => edgeOf({ GRAFANA_URL: address })).toThrow(/GRAFANA_URL: must be a URL that begins with http/);
    expect(() => edgeOf({ QUEUE_BOARD_URL: address })).toThrow(/QUEUE_BOARD_URL/);
  });

  test('reads names that stand for models', () => {
    const edge = edgeOf({ MODEL_ALIASES: 'gte-rerank=default, BAAI/bge-reranker-v2-m3 = e5@2' });
    expect([...edge.modelAliases]).toEqual([
      ['gte-rerank', 'default'],
      ['BAAI/bge-reranker-v2-m3', 'e5@2'],
    ]);
  });

  test.each([
    ['hemlock', 'must be pairs name=bundle'],
    ['hemlock=', 'must be pairs name=bundle'],
    ['=e5', 'must be pairs name=bundle'],
    ['a=b=c', 'must be pairs name=bundle'],
    ['a=e5,a=other', 'has a name more than once'],
    ['default=e5', 'redefines a name of the default model'],
    ['openai/default=e5', 'redefines a name of the default model'],
    ['a=b,b=e5', 'maps to a name that is itself an alias'],
    ['a=a', 'maps to a name that is itself an alias'],
    [`${'n'.repeat(257)}=e5`, 'holds a name of more than 256 characters'],
  ])('refuses "%s" as names of models', (aliases, message) => {
    expect(() => edgeOf({ MODEL_ALIASES: aliases })).toThrow(`MODEL_ALIASES: ${message}`);
  });

  test('reads several keys and networks', () => {
    const edge = edgeOf({ API_KEYS: 'a, b', TRUSTED_NETWORKS: '10.0.0.0/8, fd00::/8' });
    expect(edge.apiKeys.map((key) => key.reveal())).toEqual(['a', 'b']);
    expect(edge.trustedNetworks).toEqual(['10.0.0.0/8', 'fd00::/8']);
  });

  test.each(['10.0.0.0', '10.0.0.0/33', 'fd00::/129', 'here/8', '10.0.0.0/8, x'])(
    'refuses "%s" as networks',
    (networks) => expect(() => edgeOf({ TRUSTED_NETWORKS: networks })).toThrow(ConfigError),
  );

  test('reads origins as browsers write them, and nothing else', () => {
    const allowed = 'https://app.example.org, http://localhost:5173,http://[::1]:8080';
    expect(edgeOf({ ALLOWED_ORIGINS: allowed }).allowedOrigins).toEqual([
      'https://app.example.org',
      'http://localhost:5173',
      'http://[::1]:8080',
    ]);
  });

  test.each([
    ...[
      '*',
      'null',
      'app.example.org',
      'https://app.example.org/',
      'https://app.example.org/path',
      'https://*.example.org',
    ],
    ...[
      'https://App.example.org',
      'https://app.example.org:443',
      'https://me@app.example.org',
      'ftp://app.example.org',
    ],
    ...['https://app.example.org, x', 'file:///home'],
  ])('refuses "%s" as origins', (origins) => {
    expect(() => edgeOf({ ALLOWED_ORIGINS: origins })).toThrow(/ALLOWED_ORIGINS: has an entry that is not an origin/);
  });

  test('refuses a bound of all bodies that one body would fill', () => {
    expect(edgeOf({ MAX_BODY_BYTES: '1000000', MAX_HELD_BYTES: '2000000' }).maxHeldBytes).toBe(2_000_000);
    expect(() => edgeOf({ MAX_BODY_BYTES: '1000001', MAX_HELD_BYTES: '2000000' })).toThrow(
      /MAX_HELD_BYTES: is less than twice MAX_BODY_BYTES/,
    );
  });

  test('names every variable at fault, and no value', () => {
    const parse = () => edgeOf({ MAX_DOCUMENTS: '0', WAIT_MS: 'hemlock', API_KEYS: 'k' });
    expect(parse).toThrow(/MAX_DOCUMENTS[\s\S]*WAIT_MS/);
    expect(parse).not.toThrow(/hemlock/);
  });

  test('keeps keys secret and describes every variable', () => {
    expect(() => assertSecretsAreTyped(configSchema)).not.toThrow();
    expect(describeConfig(configSchema).every(({ description }) => description !== '')).toBe(true);
    expect(JSON.stringify(edgeOf({ API_KEYS: 'hemlock' }))).not.toContain('hemlock');
  });
});

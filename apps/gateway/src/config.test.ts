import { assertSecretsAreTyped, ConfigError, describeConfig } from '@rerank-fleet/service-shell';
import { gatewayConfigSchema, parseConfig } from './config';

describe('parseConfig', () => {
  test('has the documented defaults', () => {
    expect(parseConfig({}).edge).toEqual({
      apiKeys: [],
      trustedNetworks: [],
      maxDocuments: 1_000,
      maxBodyBytes: 10_000_000,
      maxHeldBytes: 80_000_000,
      maxTextCharacters: 100_000,
      maxJsonDepth: 20,
      waitMs: 300_000,
      bodyTimeoutMs: 60_000,
      headersTimeoutMs: 15_000,
      keepAliveMs: 75_000,
      feedbackMemory: 10_000,
      links: { grafana: undefined, queueBoard: undefined },
    });
  });

  test.each(['javascript:alert(1)', 'grafana.example.org', 'ftp://grafana'])('refuses %s as a link', (address) => {
    expect(() => parseConfig({ GRAFANA_URL: address })).toThrow(/GRAFANA_URL: must be a URL that begins with http/);
    expect(() => parseConfig({ QUEUE_BOARD_URL: address })).toThrow(/QUEUE_BOARD_URL/);
  });

  test('reads several keys and networks', () => {
    const { edge } = parseConfig({ API_KEYS: 'a, b', TRUSTED_NETWORKS: '10.0.0.0/8, fd00::/8' });
    expect(edge.apiKeys.map((key) => key.reveal())).toEqual(['a', 'b']);
    expect(edge.trustedNetworks).toEqual(['10.0.0.0/8', 'fd00::/8']);
  });

  test.each(['10.0.0.0', '10.0.0.0/33', 'fd00::/129', 'here/8', '10.0.0.0/8, x'])(
    'refuses "%s" as networks',
    (networks) => expect(() => parseConfig({ TRUSTED_NETWORKS: networks })).toThrow(ConfigError),
  );

  test('refuses a bound of all bodies that one body would fill', () => {
    expect(parseConfig({ MAX_BODY_BYTES: '1000000', MAX_HELD_BYTES: '2000000' }).edge.maxHeldBytes).toBe(2_000_000);
    expect(() => parseConfig({ MAX_BODY_BYTES: '1000001', MAX_HELD_BYTES: '2000000' })).toThrow(
      /MAX_HELD_BYTES: is less than twice MAX_BODY_BYTES/,
    );
  });

  test('names every variable at fault, and no value', () => {
    const parse = () => parseConfig({ MAX_DOCUMENTS: '0', WAIT_MS: 'hemlock', API_KEYS: 'k' });
    expect(parse).toThrow(/MAX_DOCUMENTS[\s\S]*WAIT_MS/);
    expect(parse).not.toThrow(/hemlock/);
  });

  test('keeps keys secret and describes every variable', () => {
    expect(() => assertSecretsAreTyped(gatewayConfigSchema)).not.toThrow();
    expect(describeConfig(gatewayConfigSchema).every(({ description }) => description !== '')).toBe(true);
    expect(JSON.stringify(parseConfig({ API_KEYS: 'hemlock' }))).not.toContain('hemlock');
  });
});

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A span in OTLP's JSON, flattened. */
export interface ExportedSpan {
  service: string;
  name: string;
  kind: number;
  traceId: string;
  spanId: string;
  parentSpanId: string | undefined;
  /** Span ids. */
  links: string[];
  attributes: Record<string, unknown>;
}

/** An OTLP/HTTP collector that records what it receives. */
export interface Collector {
  url: string;
  exports: { path: string; contentType: string; body: Buffer }[];
  /** Spans of JSON exports. */
  spans(): ExportedSpan[];
  /** Number of opened connections. */
  connections(): number;
  close(): Promise<void>;
}

/** Starts a collector on a free port. A hanging one accepts connections and never answers. */
export async function startCollector({ hangs = false } = {}): Promise<Collector> {
  const exports: Collector['exports'] = [];
  let connections = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const contentType = request.headers['content-type'] ?? '';
      exports.push({ path: request.url ?? '', contentType, body: Buffer.concat(chunks) });
      if (!hangs)
        response.writeHead(200, { 'content-type': contentType }).end(contentType.endsWith('json') ? '{}' : '');
    });
  });
  server.on('connection', () => connections++);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    exports,
    spans: () => exports.filter(({ contentType }) => contentType.endsWith('json')).flatMap(({ body }) => spansOf(body)),
    connections: () => connections,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

type KeyValues = { key: string; value: Record<string, unknown> }[];
interface OtlpSpan extends Omit<ExportedSpan, 'service' | 'links' | 'attributes'> {
  links?: { spanId: string }[];
  attributes: KeyValues;
}
interface OtlpTraces {
  resourceSpans: { resource: { attributes: KeyValues }; scopeSpans: { spans: OtlpSpan[] }[] }[];
}

function spansOf(body: Buffer): ExportedSpan[] {
  const { resourceSpans } = JSON.parse(body.toString()) as OtlpTraces;
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = String(record(resource.attributes)['service.name']);
    return scopeSpans.flatMap(({ spans }) => spans.map((span) => flattened(service, span)));
  });
}

function flattened(service: string, { name, kind, traceId, spanId, parentSpanId, ...rest }: OtlpSpan): ExportedSpan {
  const links = (rest.links ?? []).map((link) => link.spanId);
  return { service, name, kind, traceId, spanId, parentSpanId, links, attributes: record(rest.attributes) };
}

/** A value in OTLP's JSON is an object with one member, whose name is the type. */
function record(attributes: KeyValues): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}

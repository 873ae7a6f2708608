import { type CaseContext, goodContent, targetOf } from './body-cases';
import type { Operation } from './description';
import { type NamedCase, bytesOf, usualCase } from './fuzz-case';

/** The valid API key of the gateway that needs one. */
export const rightKey = 'the-right-key-0123456789';

type Headers = (readonly [string, string])[];

/** Variants of a path that routers, proxies and caches may treat as the same path. */
function spellings(path: string): string[] {
  const last = path.slice(path.lastIndexOf('/') + 1);
  const encoded = `%${last.charCodeAt(0).toString(16)}${last.slice(1)}`;
  return [
    ...[
      path,
      `${path}/`,
      `${path}//`,
      `/${path}`,
      path.replaceAll('/', '//'),
      `${path}/.`,
      `/.${path}`,
      `/x/..${path}`,
    ],
    ...[path.toUpperCase(), `${path.slice(0, -1)}${last.slice(-1).toUpperCase()}`, path.replace(last, encoded)],
    ...[
      `${path}%00`,
      `${path}%20`,
      `${path};a=b`,
      `${path}?key=${rightKey}`,
      `${path}?api_key=${rightKey}`,
      `${path}#x`,
    ],
    ...[
      path.replaceAll('/', '%2f').replace('%2f', '/'),
      `${path}%2f`,
      `${path}\\`,
      `http://127.0.0.1${path}`,
      `/health/..${path}`,
    ],
    ...[`/docs/..%2f${path.slice(1)}`, `/assets/..${path}`],
  ];
}

/** Headers with a wrong key, or headers that might skip the check. */
const headerForms: readonly Headers[] = [
  [['authorization', 'Bearer']],
  [['authorization', 'Bearer ']],
  [['authorization', 'Bearer wrong']],
  [['authorization', `Basic ${Buffer.from(`:${rightKey}`).toString('base64')}`]],
  [['authorization', `Token ${rightKey}`]],
  [['authorization', `Bearer ${rightKey}x`]],
  [['authorization', `Bearer ${rightKey.slice(0, -1)}`]],
  [['authorization', `Bearer ${rightKey.toUpperCase()}`]],
  [['authorization', `Bearer ${rightKey}, Bearer other`]],
  [['authorization', `Bearer other, Bearer ${rightKey}`]],
  [['authorization', `Bearer "${rightKey}"`]],
  [['authorization', 'Bearer undefined']],
  [['authorization', 'Bearer null']],
  [['authorization', 'Bearer [object Object]']],
  [['authorization', 'Bearer *']],
  [['x-api-key', '']],
  [['x-api-key', 'wrong']],
  [['x-api-key', `${rightKey},`]],
  [['api-key', rightKey.slice(1)]],
  [['apikey', rightKey]],
  [['proxy-authorization', `Bearer ${rightKey}`]],
  [['x-authorization', `Bearer ${rightKey}`]],
  [['cookie', `authorization=${rightKey}; api_key=${rightKey}`]],
  [['x-forwarded-for', '127.0.0.1']],
  [['forwarded', 'for=127.0.0.1']],
  [['x-real-ip', '127.0.0.1']],
  [['x-original-url', '/health']],
  [['x-rewrite-url', '/health']],
  [['x-http-method-override', 'OPTIONS']],
  [['x-forwarded-user', 'admin']],
  [['connection', 'authorization']],
];

function closedOperations({ targets }: Omit<CaseContext, 'choose'>): Operation[] {
  return targets.keyedDescription.operations.filter(({ statuses }) => statuses.has(401));
}

/** Known ways to bypass the key, at every operation that needs one. None may be answered with 2xx. */
export function keyCases(context: Omit<CaseContext, 'choose'>): NamedCase[] {
  const closed = closedOperations(context);
  return closed.flatMap((operation) => {
    const path = targetOf(operation, context.targets.model);
    const bySpelling = spellings(path).flatMap((target) =>
      methodsFor(operation).map((method) => closedCase(context, operation, { method, target, headers: [] })),
    );
    const byHeader = headerForms.map((headers) =>
      closedCase(context, operation, { method: operation.method, target: path, headers }),
    );
    return [...bySpelling, ...byHeader];
  });
}

/** The valid key at each of these operations, in each of the three headers, as a control for the cases above. */
export function openedCases(context: Omit<CaseContext, 'choose'>): NamedCase[] {
  const forms: Headers = [
    ['authorization', `Bearer ${rightKey}`],
    ['authorization', rightKey],
    ['x-api-key', rightKey],
    ['api-key', rightKey],
  ];
  const closed = closedOperations(context);
  return closed.flatMap((operation) =>
    forms.map((header) => {
      const target = targetOf(operation, context.targets.model);
      const made = closedCase(context, operation, { method: operation.method, target, headers: [header] });
      const also = [...operation.statuses].filter((status) => status !== 401);
      return { ...made, name: `${made.name} with the key`, also };
    }),
  );
}

/** The operation's method, the other common method, and a method that routers may treat as the same. */
function methodsFor({ method }: Operation): string[] {
  return [method, method === 'POST' ? 'GET' : 'POST', method === 'GET' ? 'HEAD' : 'PUT'];
}

interface Attempt {
  method: string;
  target: string;
  headers: Headers;
}

function closedCase(
  context: Omit<CaseContext, 'choose'>,
  operation: Operation,
  { method, target, headers }: Attempt,
): NamedCase {
  const [schema] = operation.bodies;
  const { headers: ofBody, body } = goodContent(context, method === 'GET' ? undefined : schema);
  const bytes = bytesOf({ method, target, headers: [...ofBody, ...headers], body }, context.targets.hosts.keyed);
  return {
    ...usualCase({ kind: 'key', bytes, marker: context.marker, operation: undefined }),
    name: `${method} ${target} ${headers.map((header) => header.join(': ')).join()}`,
    gateway: 'keyed',
    also: [400, 401, 403, 404, 405, 421, 422],
    bodiless: method === 'HEAD',
  };
}

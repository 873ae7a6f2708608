import { type Making, bodyOperations, goodBody, postOf, targetOf } from './body-cases';
import type { Operation } from './description';
import { type Draft, type FuzzCase, bytesOf, usualCase } from './fuzz-case';
import { oddHeaders, oddTargets, words } from './odd-edges';

/** A good ranking with one to three headers that nobody sends. */
export function headerCase(making: Making): FuzzCase {
  const { ground, choose, marker } = making;
  const operation = choose.one(ground.description.operations);
  const [schema] = operation.bodies;
  const draft: Draft =
    schema === undefined
      ? { method: operation.method, target: targetOf(operation, ground.model), headers: [], body: undefined }
      : postOf(operation, making, JSON.stringify(goodBody(making, schema)));
  const odd = Array.from({ length: choose.between(1, 3) }, () => choose.one(oddHeaders(choose, marker)));
  const bytes = bytesOf({ ...draft, headers: [...draft.headers, ...odd] }, ground.hosts.open);
  return {
    ...usualCase({ kind: 'header', bytes, marker, operation }),
    // refused before it is known whose request it is: the description says so of every path; what a browser has, it
    // need not get again
    also: [304, 400, 417, 431],
    keepsConnection: false,
  };
}

const methods = [
  ...words('GET HEAD POST PUT PATCH DELETE OPTIONS TRACE PROPFIND MKCOL PURGE SEARCH LINK M-SEARCH REPORT LOCK QUERY'),
  ...words('post Post CONNECT FOO GETT P * POST\u00a0'),
];

/** Every method at every path, with a body and without. */
export function methodCase(making: Making): FuzzCase {
  const { ground, choose, marker } = making;
  const asked = choose.one(ground.description.operations);
  const method = choose.one(methods);
  const target = targetOf(asked, ground.model);
  const [schema] = asked.bodies;
  const body = choose.happens(0.5) && schema ? Buffer.from(JSON.stringify(goodBody(making, schema))) : undefined;
  const headers = body === undefined ? [] : [['content-type', 'application/json'] as const];
  const answering = ground.description.operations.filter((each) => each.method === nameOf(method));
  // the path of one may be a name in the template of another: GET /v1/models/rerank asks for a model
  const known = answering.find(({ path }) => path === asked.path) ?? answering.find((each) => fits(each, target));
  return {
    ...usualCase({
      kind: 'method',
      bytes: bytesOf({ method, target, headers, body }, ground.hosts.open),
      marker,
      operation: known,
    }),
    // what the description does not have: another method, or none at all
    also: known ? [] : [405, 400, ...(method === 'OPTIONS' ? [200, 204] : [])],
    bodiless: method === 'HEAD',
    keepsConnection: false,
  };
}

function fits({ path }: Operation, target: string): boolean {
  const [before = '', after] = path.split('{name}');
  return after !== undefined && target.startsWith(before) && target.endsWith(after);
}

/** HEAD is answered as GET is. */
function nameOf(method: string): string {
  return method === 'HEAD' ? 'GET' : method;
}

/** A path that is nearly one of the description, or none. */
export function pathCase(making: Making): FuzzCase {
  const { ground, choose, marker } = making;
  const operation = choose.one(ground.description.operations);
  const good = targetOf(operation, choose.one([ground.model, marker, `${marker}%2f${marker}`, '..', '%00', '']));
  const target = choose.one(oddTargets(choose, good, marker));
  const method = choose.one([operation.method, operation.method, 'GET', 'POST']);
  const [schema] = choose.one(bodyOperations(ground.description)).bodies;
  const body = method === 'POST' && schema ? Buffer.from(JSON.stringify(goodBody(making, schema))) : undefined;
  const headers = body === undefined ? [] : [['content-type', 'application/json'] as const];
  const bytes = bytesOf({ method, target, headers, body }, ground.hosts.open);
  const statuses = ground.description.operations.flatMap((each) => [...each.statuses]);
  return {
    ...usualCase({ kind: 'path', bytes, marker, operation: undefined }),
    also: [...new Set([...statuses, 308, 400, 404, 405, 422, 431])],
    keepsConnection: false,
  };
}

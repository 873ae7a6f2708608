import { type CaseContext, bodyOperations, goodContent, goodDraft, targetOf } from './body-cases';
import type { Operation } from './description';
import { type FuzzCase, bytesOf, usualCase } from './fuzz-case';
import { oddHeaders, oddTargets, words } from './odd-edges';

/** A valid ranking with one to three unusual headers. */
export function headerCase(context: CaseContext): FuzzCase {
  const { targets, choose, marker } = context;
  const operation = choose.one(targets.description.operations);
  const [schema] = operation.bodies;
  const draft = goodDraft(operation, context, schema);
  const odd = Array.from({ length: choose.between(1, 3) }, () => choose.one(oddHeaders(choose, marker)));
  const bytes = bytesOf({ ...draft, headers: [...draft.headers, ...odd] }, targets.hosts.open);
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

/** Any method at any path, with or without a body. */
export function methodCase(context: CaseContext): FuzzCase {
  const { targets, choose, marker } = context;
  const asked = choose.one(targets.description.operations);
  const method = choose.one(methods);
  const target = targetOf(asked, targets.model);
  const [schema] = asked.bodies;
  const content = goodContent(context, choose.happens(0.5) ? schema : undefined);
  const answering = targets.description.operations.filter((each) => each.method === nameOf(method));
  // a path may match the template of another operation: GET /v1/models/rerank requests a model
  const known = answering.find(({ path }) => path === asked.path) ?? answering.find((each) => fits(each, target));
  return {
    ...usualCase({
      kind: 'method',
      bytes: bytesOf({ method, target, ...content }, targets.hosts.open),
      marker,
      operation: known,
    }),
    // not described: another method, or an unknown path
    also: known ? [] : [405, 400, ...(method === 'OPTIONS' ? [200, 204] : [])],
    bodiless: method === 'HEAD',
    keepsConnection: false,
  };
}

function fits({ path }: Operation, target: string): boolean {
  const [before = '', after] = path.split('{name}');
  return after !== undefined && target.startsWith(before) && target.endsWith(after);
}

/** HEAD is answered like GET. */
function nameOf(method: string): string {
  return method === 'HEAD' ? 'GET' : method;
}

/** A path that is similar to a described path, or unknown. */
export function pathCase(context: CaseContext): FuzzCase {
  const { targets, choose, marker } = context;
  const operation = choose.one(targets.description.operations);
  const good = targetOf(operation, choose.one([targets.model, marker, `${marker}%2f${marker}`, '..', '%00', '']));
  const target = choose.one(oddTargets(choose, good, marker));
  const method = choose.one([operation.method, operation.method, 'GET', 'POST']);
  const [schema] = choose.one(bodyOperations(targets.description)).bodies;
  const content = goodContent(context, method === 'POST' ? schema : undefined);
  const bytes = bytesOf({ method, target, ...content }, targets.hosts.open);
  const statuses = targets.description.operations.flatMap((each) => [...each.statuses]);
  return {
    ...usualCase({ kind: 'path', bytes, marker, operation: undefined }),
    also: [...new Set([...statuses, 308, 400, 404, 405, 422, 431])],
    keepsConnection: false,
  };
}

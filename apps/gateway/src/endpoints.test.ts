import { errorCodes } from '@rerank-fleet/contract';
import { endpointDeclarations, normalisePath, rankEndpointOf, rankEndpoints, rankStatuses } from './endpoints';
import { statusOf } from './failure';

describe('normalisePath', () => {
  test.each([
    ['/rerank', '/rerank'],
    ['//rerank', '/rerank'],
    ['/v1//rerank///', '/v1/rerank'],
    ['/rerank/?a=//b', '/rerank'],
    ['/rerank?x', '/rerank'],
    ['/', '/'],
    ['//', '/'],
    ['http://host:1/v1/rerank', '/v1/rerank'],
  ])('%s is %s', (target, path) => expect(normalisePath(target)).toBe(path));
});

test('every error code has a status that the metrics know for a rank endpoint', () => {
  for (const code of errorCodes) expect(rankStatuses).toContain(statusOf[code]);
  for (const { path } of rankEndpoints) {
    expect(endpointDeclarations).toContainEqual({ method: 'POST', endpoint: path, codes: rankStatuses });
  }
});

test('a path that only resembles an endpoint is none', () => {
  expect(rankEndpointOf('/v1/rerankx')).toBeUndefined();
  expect(rankEndpointOf('/v3/rerank')).toBeUndefined();
});

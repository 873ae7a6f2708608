import { familyOfPrefix } from '../dialects/families';
import { errorCodes } from '@rerank-fleet/contract';
import {
  doubledPaths,
  endpointDeclarations,
  normalisePath,
  rankEndpointOf,
  rankEndpoints,
  rankStatuses,
} from './endpoints';
import { statusOf } from '../http/failure';

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
    ['HTTPS://user@host//v1/rerank/?x', '/v1/rerank'],
    ['http://host', '/'],
    ['http://host?x', '/'],
  ])('%s is %s', (target, path) => expect(normalisePath(target)).toBe(path));
});

test('every error code that a path can return has a status that the metrics know for a rank endpoint', () => {
  const unrouted = ['expectation_failed', 'headers_too_large'];
  for (const code of errorCodes) expect(rankStatuses.includes(statusOf[code])).toBe(!unrouted.includes(code));
  for (const { path } of rankEndpoints) {
    expect(endpointDeclarations).toContainEqual({ method: 'POST', endpoint: path, codes: rankStatuses });
  }
});

test('what a doubled base URL makes is the endpoint that was meant, under the label of that', () => {
  for (const [path, meant] of doubledPaths) {
    expect(rankEndpointOf(path)).toBe(rankEndpoints.find((endpoint) => endpoint.path === meant));
    expect(rankEndpoints.map((endpoint) => endpoint.path)).not.toContain(path);
    expect(endpointDeclarations.map(({ endpoint }) => endpoint)).not.toContain(path);
  }
});

test('a path that only resembles an endpoint is none', () => {
  expect(rankEndpointOf('/v1/rerankx')).toBeUndefined();
  expect(rankEndpointOf('/v3/rerank')).toBeUndefined();
});

describe("the model in NVIDIA's path", () => {
  test.each([
    ['/v1/retrieval/e5/reranking', 'e5'],
    ['/v1/retrieval/nvidia/llama-3_2/reranking', 'nvidia/llama-3_2'],
    ['/v1/retrieval/nvidia%2Fe5/reranking', 'nvidia/e5'],
    ['/v1/retrieval/%zz/reranking', '%zz'],
    ['/v1/retrieval/{name}/reranking', '{name}'],
    ['/v1/retrieval/a/reranking/reranking', 'a/reranking'],
  ])('%s names %s, under the template', (path, modelInPath) => {
    expect(rankEndpointOf(path)).toEqual({ path: '/v1/retrieval/{name}/reranking', family: 'nvidia', modelInPath });
  });

  test.each([
    '/v1/inference',
    '/v2/inference/a',
    '/v1/retrieval/reranking',
    '/v1/retrieval/a/ranking',
    '/v2/retrieval/a/reranking',
    '/v1/retrieval/a',
  ])('%s is no endpoint', (path) => expect(rankEndpointOf(path)).toBeUndefined());

  test.each([
    ['/v1/inference/Qwen/Qwen3-Reranker-0.6B', 'Qwen/Qwen3-Reranker-0.6B'],
    ['/v1/inference/e5', 'e5'],
  ])("DeepInfra's %s names %s", (path, modelInPath) => {
    expect(rankEndpointOf(path)).toEqual({ path: '/v1/inference/{name}', family: 'deepinfra', modelInPath });
  });

  test('no other endpoint has one', () => {
    for (const { path } of rankEndpoints.filter((endpoint) => !endpoint.path.includes('{'))) {
      expect(rankEndpointOf(path)).not.toHaveProperty('modelInPath');
    }
  });
});

test('a prefix has the family of its endpoints', () => {
  // of these errors look the same as those of the paths around them
  const alone = ['/v1/ranking', '/score', '/v1/score', '/v1/models/rerank', '/v1/rerankings'];
  for (const { path, family } of rankEndpoints.filter((endpoint) => !alone.includes(endpoint.path))) {
    expect(familyOfPrefix(path)).toBe(family);
  }
  expect(familyOfPrefix('/infinity')).toBe('body-decides');
});

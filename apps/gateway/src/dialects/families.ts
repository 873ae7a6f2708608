/** The bodies that an endpoint accepts and the shape of its answers. */
export type EndpointFamily =
  | 'body-decides'
  | 'voyage'
  | 'hugging-face'
  | 'infinity'
  | 'dash-scope'
  | 'nvidia'
  | 'pinecone'
  | 'openrouter'
  | 'score'
  | 'deepinfra'
  | 'zeroentropy'
  | 'isaacus';

/** Prefixes of paths. The first match counts. */
const familyByPrefix: readonly (readonly [string, EndpointFamily])[] = [
  ['/voyage/', 'voyage'],
  ['/hf/', 'hugging-face'],
  ['/infinity/', 'infinity'],
  ['/api/v1/services/', 'dash-scope'],
  ['/v1/retrieval/', 'nvidia'],
  ['/v1/inference/', 'deepinfra'],
  ['/pinecone/', 'pinecone'],
  ['/api/v1/', 'openrouter'],
];

/** The family whose error shape is used for a path without a route. */
export function familyOfPrefix(path: string): EndpointFamily {
  return familyByPrefix.find(([prefix]) => path.startsWith(prefix))?.[1] ?? 'body-decides';
}

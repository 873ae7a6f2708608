/** Which bodies an endpoint takes and in which shape it answers. */
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

/** The first that fits. */
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

/** Whose error shape is answered at a path that is no endpoint. */
export function familyOfPrefix(path: string): EndpointFamily {
  return familyByPrefix.find(([prefix]) => path.startsWith(prefix))?.[1] ?? 'body-decides';
}

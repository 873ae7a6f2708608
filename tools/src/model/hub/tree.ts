import { z } from 'zod';
import { treeUrl } from './address';
import { type HubFailure, statusFailure } from './failure';
import { isWebPage, misfit, readJson } from './json-answer';
import { type KnownFile, sha1, sha256, sizeBytes } from './known-file';
import { type HubAnswer, callHub } from './request';
import type { Revision } from './revision';

const maxPages = 50;

const treeSchema = z.array(
  z
    .object({
      type: z.string(),
      path: z.string(),
      size: sizeBytes.nullish(),
      oid: sha1.nullish(),
      lfs: z.object({ oid: sha256, size: sizeBytes }).nullish(),
    })
    .transform(({ type, path, size, oid, lfs }): KnownFile | undefined => {
      if (type !== 'file') return undefined;
      // the oid of a file in LFS is that of its pointer
      if (lfs) return { path, sizeBytes: lfs.size, sha256: lfs.oid };
      return { path, sizeBytes: size ?? undefined, gitSha1: oid ?? undefined };
    }),
);

type Page = { ok: true; files: (KnownFile | undefined)[]; next: URL | undefined } | HubFailure;

/**
 * What the tree of a revision tells about the files of these paths, by path. A hub without trees tells nothing; of a tree
 * of more than 50 pages, or one that goes on at another origin, the rest is not read.
 */
export async function readTree(
  revision: Revision,
  paths: ReadonlySet<string>,
): Promise<{ ok: true; files: Map<string, KnownFile> } | HubFailure> {
  const { wanted, commit } = revision;
  const files = new Map<string, KnownFile>();
  let url: URL | undefined = treeUrl(wanted.address, wanted.repo, commit);
  for (let pages = 0; url && pages < maxPages && files.size < paths.size; pages++) {
    const page: Page = await readPage(url, revision);
    if (!page.ok) return page;
    for (const file of page.files) if (file && paths.has(file.path)) files.set(file.path, file);
    url = page.next;
  }
  return { ok: true, files };
}

async function readPage(url: URL, { wanted, options }: Revision): Promise<Page> {
  const call = await callHub(url, wanted, options);
  try {
    const { answer } = call;
    if (!answer.ok) return answer;
    // a refusal of the route, not of the one who asks
    if ([404, 405, 501].includes(answer.status)) return noPage;
    if (answer.status !== 200) return statusFailure(answer, wanted);
    // the web interface of some mirrors answers for every address that they do not know
    if (isWebPage(answer)) return noPage;
    const read = await readJson(answer, wanted.repo);
    if (!read.ok) return read;
    const parsed = treeSchema.safeParse(read.json);
    if (!parsed.success) return misfit(parsed.error, { repo: wanted.repo, host: answer.host, part: 'tree' });
    return { ok: true, files: parsed.data, next: nextPage(answer, url, wanted.address.origin) };
  } finally {
    call.close();
  }
}

const noPage: Page = { ok: true, files: [], next: undefined };

/** A page at another origin is not asked for: what it told would not be the hub's word. */
function nextPage({ headers }: HubAnswer, from: URL, origin: string): URL | undefined {
  const [, target] = /<([^<>]*)>\s*;[^,<]*\brel="?next\b/i.exec(headers.get('link') ?? '') ?? [];
  if (target === undefined || !URL.canParse(target, from.href)) return undefined;
  const url = new URL(target, from);
  return url.origin === origin && !url.username && !url.password ? url : undefined;
}

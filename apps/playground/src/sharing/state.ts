import type { Result } from '@rerank-fleet/contract';
import { parseJson } from '../ranking/read-json';
import { formJson, type FormState, readForm } from './form-state';

/** Why a link contains no valid form. */
export type ShareProblem =
  /** The link is from a newer version of the page, or is not from this page. */
  | { code: 'unknown_version' }
  /** The link is truncated or was changed. */
  | { code: 'damaged' }
  | { code: 'too_large'; limitBytes: number };

export type SharedForm = Result<{ form: FormState }, { problem: ShareProblem }>;

/** The format version of the fragment. Change it together with the format. */
const versionPrefix = 'v1.';

/** The default of the gateway's limit for a body. */
const defaultLimitBytes = 10_000_000;

/** The form as a URL fragment, without `#`: its JSON, deflated, in base64url. */
export async function encodeForm(form: FormState): Promise<string> {
  const json = new Blob([JSON.stringify(formJson(form))]);
  const deflated = json.stream().pipeThrough(new CompressionStream('deflate-raw'));
  return versionPrefix + toBase64Url(new Uint8Array(await new Response(deflated).arrayBuffer()));
}

/** Reads the form from an untrusted fragment (with or without `#`). Inflating stops at `limitBytes`. */
export async function decodeForm(fragment: string, limitBytes = defaultLimitBytes): Promise<SharedForm> {
  const shared = fragment.replace(/^#/, '');
  if (!shared.startsWith(versionPrefix)) return { ok: false, problem: { code: 'unknown_version' } };
  const deflated = fromBase64Url(shared.slice(versionPrefix.length));
  const json = deflated && (await inflate(deflated, limitBytes));
  if (json === 'too_large') return { ok: false, problem: { code: 'too_large', limitBytes } };
  const form = json && readForm(parseJson(json.text));
  return form ? { ok: true, form } : { ok: false, problem: { code: 'damaged' } };
}

/** Undefined if the bytes are not deflated UTF-8. */
async function inflate(
  deflated: Uint8Array<ArrayBuffer>,
  limitBytes: number,
): Promise<{ text: string } | 'too_large' | undefined> {
  const inflated = new Blob([deflated]).stream().pipeThrough(new DecompressionStream('deflate-raw')).getReader();
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let sizeBytes = 0;
  let text = '';
  try {
    for (let part = await inflated.read(); !part.done; part = await inflated.read()) {
      sizeBytes += part.value.length;
      if (sizeBytes > limitBytes) {
        await inflated.cancel();
        return 'too_large';
      }
      text += decoder.decode(part.value, { stream: true });
    }
    return { text: text + decoder.decode() };
  } catch {
    return undefined;
  }
}

function toBase64Url(bytes: Uint8Array): string {
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

/** Undefined if the text is not base64url. */
function fromBase64Url(base64: string): Uint8Array<ArrayBuffer> | undefined {
  if (!/^[\w-]*$/.test(base64)) return undefined;
  try {
    const binary = atob(base64.replaceAll('-', '+').replaceAll('_', '/'));
    return Uint8Array.from(binary, (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}

import type { Chooser } from '../chaos/request-mix';
import type { Description, Operation } from './description';
import { type Draft, type FuzzCase, bytesOf, usualCase } from './fuzz-case';
import { type Json, type JsonSchema, exampleOf, pathsOf, withValue } from './json-schema';
import { largeToken, oddTokens } from './odd-values';

/** The gateways for which cases are made. */
export interface FuzzTargets {
  /** Description of the gateway that needs no key. */
  description: Description;
  /** Description of the gateway that needs a key: it lists the operations that need it. */
  keyedDescription: Description;
  /** Host and port of each gateway. */
  hosts: { open: string; keyed: string };
  /** A model that is served. */
  model: string;
}

/** Input of a case: the gateways, the random choices and the marker. */
export interface CaseContext {
  targets: FuzzTargets;
  choose: Chooser;
  marker: string;
}

/** The operations that take a body. */
export function bodyOperations({ operations }: Description): Operation[] {
  return operations.filter(({ bodies }) => bodies.length > 0);
}

/** The path of an operation. A path parameter is replaced by a served model. */
export function targetOf({ path }: Operation, model: string): string {
  return path.replace(/\{\w+\}/g, model);
}

/** A valid body, built from a schema of the description. */
export function goodBody({ targets, marker }: Pick<CaseContext, 'targets' | 'marker'>, schema: JsonSchema): Json {
  const { resolve } = targets.description;
  // an unknown model would be refused before the rest is checked
  return exampleOf(schema, { text: marker, resolve, known: { model: targets.model } });
}

/** A JSON body and its content type. */
function jsonContent(body: Buffer | string): Pick<Draft, 'headers' | 'body'> {
  return { headers: [['content-type', 'application/json']], body: Buffer.from(body) };
}

/** A valid body and its content type; without a schema, neither. */
export function goodContent(
  context: Pick<CaseContext, 'targets' | 'marker'>,
  schema: JsonSchema | undefined,
): Pick<Draft, 'headers' | 'body'> {
  return schema ? jsonContent(JSON.stringify(goodBody(context, schema))) : { headers: [], body: undefined };
}

/** A valid request to an operation, with a body if there is a schema. */
export function goodDraft(
  operation: Operation,
  context: Pick<CaseContext, 'targets' | 'marker'>,
  schema: JsonSchema | undefined,
): Draft {
  const target = targetOf(operation, context.targets.model);
  return { method: operation.method, target, ...goodContent(context, schema) };
}

/** A POST request with a JSON body. */
export function postOf(operation: Operation, { targets }: Pick<CaseContext, 'targets'>, body: Buffer | string): Draft {
  return { method: operation.method, target: targetOf(operation, targets.model), ...jsonContent(body) };
}

/** Placeholder that is replaced by a token. */
const placeholder = 'this is replaced by a token';

/** A valid body with one change: another value, a duplicate member, an additional member, or a missing one. */
export function fieldCase(context: CaseContext): FuzzCase {
  const { targets, choose, marker } = context;
  const operation = choose.one(bodyOperations(targets.description));
  const good = goodBody(context, choose.one(operation.bodies));
  const path = choose.one(pathsOf(good));
  const token = choose.happens(0.02) ? largeToken(choose, marker) : choose.one(oddTokens(marker));
  const text = choose.one([
    () => replaced(good, path, token),
    () => replaced(good, path, token),
    () => replaced(good, path, token),
    // a duplicate member: the first or the last may count, but not both
    () => replaced(good, [], `{"${String(path[0])}":${token},${JSON.stringify(good).slice(1)}`),
    () => replaced(good, [], `{${oddName(choose, marker)}:${token},${JSON.stringify(good).slice(1)}`),
    () => JSON.stringify(withValue(good, path, null)),
    () => JSON.stringify(without(good, path)),
  ])();
  return usualCase({
    kind: 'field',
    bytes: bytesOf(postOf(operation, context, text), targets.hosts.open),
    marker,
    operation,
  });
}

function replaced(value: Json, path: readonly (string | number)[], token: string): string {
  return path.length === 0
    ? token
    : JSON.stringify(withValue(value, path, placeholder)).replace(`"${placeholder}"`, () => token);
}

function oddName(choose: Chooser, marker: string): string {
  const names = [
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'then',
    '',
    ' ',
    '\u0000',
    marker,
    marker.repeat(50),
  ];
  return JSON.stringify(choose.one(names));
}

function without(value: Json, [name, ...rest]: readonly (string | number)[]): Json {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value))
    return value.flatMap((each, at) => (at !== name ? [each] : rest.length === 0 ? [] : [without(each, rest)]));
  const entries = Object.entries(value);
  if (rest.length === 0) return Object.fromEntries(entries.filter(([each]) => each !== name));
  return Object.fromEntries(entries.map(([each, member]) => [each, each === name ? without(member, rest) : member]));
}

/** A body that is probably not JSON: a valid body with corrupted bytes, or tokens in any order. */
export function jsonCase(context: CaseContext): FuzzCase {
  const { targets, choose, marker } = context;
  const operation = choose.one(bodyOperations(targets.description));
  const good = Buffer.from(JSON.stringify(goodBody(context, choose.one(operation.bodies))));
  const body = choose.one([
    () => good.subarray(0, choose.between(0, good.length - 1)),
    () => corrupted(choose, good),
    () => Buffer.from(anyTokens(choose, marker)),
    () => Buffer.from(choose.happens(0.03) ? largeToken(choose, marker) : choose.one(oddTokens(marker))),
    () => Buffer.concat([good, Buffer.from(choose.one([' ', '\n', '{}', ',', '\u0000', marker, '}', ']', '//']))]),
    () =>
      Buffer.concat([
        Buffer.from(choose.one(['\ufeff', ' ', '\u0000', '\ufeff\ufeff', 'x', ")]}',\n", 'data: '])),
        good,
      ]),
  ])();
  return usualCase({
    kind: 'json',
    bytes: bytesOf(postOf(operation, context, body), targets.hosts.open),
    marker,
    operation,
  });
}

/** Replaces, removes or inserts one to four bytes; some of the new bytes are not valid UTF-8. */
function corrupted(choose: Chooser, good: Buffer): Buffer {
  let bytes = Buffer.from(good);
  for (let left = choose.between(1, 4); left > 0; left--) {
    const at = choose.between(0, bytes.length - 1);
    const other = Buffer.from([choose.one([choose.between(0, 255), 0xc0, 0xff, 0xed, 0x22, 0x5c, 0x7b, 0x5d, 0x2c])]);
    const removed = choose.between(0, 2);
    bytes = Buffer.concat([
      bytes.subarray(0, at),
      ...(choose.happens(0.3) ? [] : [other]),
      bytes.subarray(at + removed),
    ]);
    if (bytes.length === 0) return bytes;
  }
  return bytes;
}

/** JSON tokens in random order. */
function anyTokens(choose: Chooser, marker: string): string {
  const words = [
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"',
    `"${marker}"`,
    '"query":',
    '"documents":',
    '1',
    'null',
    'true',
    '\\',
    ' ',
    '-',
    'e',
  ];
  return Array.from({ length: choose.between(1, 60) }, () => choose.one(words)).join('');
}

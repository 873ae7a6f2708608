import type { Chooser } from '../chaos/request-mix';
import type { Description, Operation } from './description';
import { type Draft, type FuzzCase, bytesOf, usualCase } from './fuzz-case';
import { type Json, type JsonSchema, exampleOf, placesOf, withValue } from './json-schema';
import { largeToken, oddTokens } from './odd-values';

/** What cases are made for. */
export interface FuzzGround {
  /** Of the gateway that is open to everybody. */
  description: Description;
  /** Of the one that asks for a key: it tells where. */
  keyedDescription: Description;
  /** Host and port of each gateway. */
  hosts: { open: string; keyed: string };
  /** A model that is served. */
  model: string;
}

/** What a case is made with: the same choices for the same number. */
export interface Making {
  ground: FuzzGround;
  choose: Chooser;
  marker: string;
}

/** The operations that take a body. */
export function bodyOperations({ operations }: Description): Operation[] {
  return operations.filter(({ bodies }) => bodies.length > 0);
}

/** A path of an operation, with a served model where the path names one. */
export function targetOf({ path }: Operation, model: string): string {
  return path.replace(/\{\w+\}/g, model);
}

/** A body that is well made, by the schema of the description. */
export function goodBody({ ground, marker }: Pick<Making, 'ground' | 'marker'>, schema: JsonSchema): Json {
  const { resolve } = ground.description;
  // any other name would be refused before the rest is looked at
  return exampleOf(schema, { text: marker, resolve, known: { model: ground.model } });
}

/** A POST of JSON. */
export function postOf(operation: Operation, { ground }: Pick<Making, 'ground'>, body: Buffer | string): Draft {
  return {
    method: operation.method,
    target: targetOf(operation, ground.model),
    headers: [['content-type', 'application/json']],
    body: Buffer.from(body),
  };
}

/** Stands for a token in a text, whatever that is. */
const hole = 'this is replaced by a token';

/** A good body with something odd at one place: another value, a second member of the name, one more, or one less. */
export function fieldCase(making: Making): FuzzCase {
  const { ground, choose, marker } = making;
  const operation = choose.one(bodyOperations(ground.description));
  const good = goodBody(making, choose.one(operation.bodies));
  const place = choose.one(placesOf(good));
  const token = choose.happens(0.02) ? largeToken(choose, marker) : choose.one(oddTokens(marker));
  const text = choose.one([
    () => replaced(good, place, token),
    () => replaced(good, place, token),
    () => replaced(good, place, token),
    // the same member twice: the first or the last may count, but not both
    () => replaced(good, [], `{"${String(place[0])}":${token},${JSON.stringify(good).slice(1)}`),
    () => replaced(good, [], `{${oddName(choose, marker)}:${token},${JSON.stringify(good).slice(1)}`),
    () => JSON.stringify(withValue(good, place, null)),
    () => JSON.stringify(without(good, place)),
  ])();
  return usualCase({
    kind: 'field',
    bytes: bytesOf(postOf(operation, making, text), ground.hosts.open),
    marker,
    operation,
  });
}

function replaced(value: Json, place: readonly (string | number)[], token: string): string {
  return place.length === 0 ? token : JSON.stringify(withValue(value, place, hole)).replace(`"${hole}"`, () => token);
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

/** A body that is hardly JSON: a good one with its bytes spoilt, or tokens in any order. */
export function jsonCase(making: Making): FuzzCase {
  const { ground, choose, marker } = making;
  const operation = choose.one(bodyOperations(ground.description));
  const good = Buffer.from(JSON.stringify(goodBody(making, choose.one(operation.bodies))));
  const body = choose.one([
    () => good.subarray(0, choose.between(0, good.length - 1)),
    () => spoilt(choose, good),
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
    bytes: bytesOf(postOf(operation, making, body), ground.hosts.open),
    marker,
    operation,
  });
}

/** One to four bytes that are others, gone, or there twice; some of them no UTF-8. */
function spoilt(choose: Chooser, good: Buffer): Buffer {
  let bytes = Buffer.from(good);
  for (let left = choose.between(1, 4); left > 0; left--) {
    const at = choose.between(0, bytes.length - 1);
    const other = Buffer.from([choose.one([choose.between(0, 255), 0xc0, 0xff, 0xed, 0x22, 0x5c, 0x7b, 0x5d, 0x2c])]);
    const gone = choose.between(0, 2);
    bytes = Buffer.concat([bytes.subarray(0, at), ...(choose.happens(0.3) ? [] : [other]), bytes.subarray(at + gone)]);
    if (bytes.length === 0) return bytes;
  }
  return bytes;
}

/** A sentence of a grammar that knows the words of JSON and no order. */
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

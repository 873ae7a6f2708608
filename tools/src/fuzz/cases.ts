import { seededRandom } from '../bench/statistics';
import { type Chooser, chooserOf } from '../chaos/request-mix';
import {
  type FuzzGround,
  type Making,
  bodyOperations,
  fieldCase,
  goodBody,
  jsonCase,
  postOf,
  targetOf,
} from './body-cases';
import { costlyCases } from './costly-cases';
import { headerCase, methodCase, pathCase } from './edge-cases';
import { encodingCase } from './encoding-cases';
import { type FuzzCase, type NamedCase, type RandomKind, bytesOf, usualCase } from './fuzz-case';
import { keyCases, openedCases } from './key-cases';
import { rawCases } from './raw-cases';

/** Of a hundred random cases. */
const weights: readonly (readonly [kind: RandomKind, weight: number])[] = [
  ['field', 45],
  ['json', 15],
  ['encoding', 12],
  ['header', 12],
  ['method', 6],
  ['path', 10],
];

const makers: Readonly<Record<RandomKind, (making: Making) => FuzzCase>> = {
  field: fieldCase,
  json: jsonCase,
  encoding: encodingCase,
  header: headerCase,
  method: methodCase,
  path: pathCase,
};

/** All cases of a run: first those of the tables, then as many made-up ones as are asked for. */
export interface Cases {
  /** How many cases the tables hold. */
  tableSize: number;
  /** The first of those at their end that cost much to make, and would cost a gateway much. */
  costlyFrom: number;
  /** The case of an index; the same for the same seed and index. */
  at(index: number): FuzzCase | NamedCase;
}

/** The cases of a seed for the gateways of a ground. Nothing large is made before it is asked for. */
export function makeCases(ground: FuzzGround, seed: number): Cases {
  const making = { ground, marker: 'zqtablezq' };
  const table = [exampleCases, openedCases, keyCases].flatMap((make) => make(making));
  table.push(...rawCases(ground.hosts.open));
  const costly = costlyCases(making);
  const tableSize = table.length + costly.length;
  return {
    tableSize,
    costlyFrom: table.length,
    at(index) {
      const known = table[index] ?? costly[index - table.length]?.();
      if (known) return known;
      const choose = chooserOf(seededRandom(seed * 1_000_003 + index));
      const marker = `zq${index.toString(36).padStart(6, '0')}zq`;
      return makers[randomKind(choose)]({ ground, choose, marker });
    },
  };
}

function randomKind(choose: Chooser): RandomKind {
  let left = choose.between(
    1,
    weights.reduce((sum, [, weight]) => sum + weight, 0),
  );
  const found = weights.find(([, weight]) => (left -= weight) <= 0);
  return found?.[0] ?? 'field';
}

/** Every operation with every body that the description has for it, well made. */
function exampleCases(making: Omit<Making, 'choose'>): NamedCase[] {
  const { ground, marker } = making;
  const { open } = ground.hosts;
  const takesBody = bodyOperations(ground.description);
  const posts = takesBody.flatMap((operation) =>
    operation.bodies.map((schema) => ({
      operation,
      draft: postOf(operation, making, JSON.stringify(goodBody(making, schema))),
    })),
  );
  const gets = ground.description.operations
    .filter((operation) => !takesBody.includes(operation))
    .map((operation) => ({
      operation,
      draft: { method: operation.method, target: targetOf(operation, ground.model), headers: [], body: undefined },
    }));
  return [...posts, ...gets].map(({ operation, draft }) => ({
    ...usualCase({ kind: 'example', bytes: bytesOf(draft, open), marker, operation }),
    name: `${operation.method} ${operation.path}`,
  }));
}

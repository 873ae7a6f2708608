import { seededRandom } from '../bench/statistics';
import { type Chooser, chooserOf } from '../chaos/request-mix';
import { type FuzzTargets, type CaseContext, bodyOperations, fieldCase, goodDraft, jsonCase } from './body-cases';
import { costlyCases } from './costly-cases';
import { headerCase, methodCase, pathCase } from './edge-cases';
import { encodingCase } from './encoding-cases';
import { type FuzzCase, type NamedCase, type RandomKind, bytesOf, usualCase } from './fuzz-case';
import { keyCases, openedCases } from './key-cases';
import { rawCases } from './raw-cases';

/** Share of each kind in a hundred random cases. */
const weights: readonly (readonly [kind: RandomKind, weight: number])[] = [
  ['field', 45],
  ['json', 15],
  ['encoding', 12],
  ['header', 12],
  ['method', 6],
  ['path', 10],
];

const makers: Readonly<Record<RandomKind, (context: CaseContext) => FuzzCase>> = {
  field: fieldCase,
  json: jsonCase,
  encoding: encodingCase,
  header: headerCase,
  method: methodCase,
  path: pathCase,
};

/** All cases of a run: the cases of the fixed tables, followed by random cases. */
export interface Cases {
  /** Number of cases in the tables. */
  tableSize: number;
  /** Index of the first costly case. The costly cases are at the end of the tables. */
  costlyFrom: number;
  /** The case with an index; the same for the same seed and index. */
  at(index: number): FuzzCase | NamedCase;
}

/** The cases for a seed. Large cases are created when they are requested. */
export function makeCases(targets: FuzzTargets, seed: number): Cases {
  const context = { targets, marker: 'zqtablezq' };
  const table = [exampleCases, openedCases, keyCases].flatMap((make) => make(context));
  table.push(...rawCases(targets.hosts.open));
  const costly = costlyCases(context);
  const tableSize = table.length + costly.length;
  return {
    tableSize,
    costlyFrom: table.length,
    at(index) {
      const known = table[index] ?? costly[index - table.length]?.();
      if (known) return known;
      const choose = chooserOf(seededRandom(seed * 1_000_003 + index));
      const marker = `zq${index.toString(36).padStart(6, '0')}zq`;
      return makers[randomKind(choose)]({ targets, choose, marker });
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

/** Every operation with a valid example of each of its bodies. */
function exampleCases(context: Omit<CaseContext, 'choose'>): NamedCase[] {
  const { targets, marker } = context;
  const { open } = targets.hosts;
  const takesBody = bodyOperations(targets.description);
  const posts = takesBody.flatMap((operation) =>
    operation.bodies.map((schema) => ({ operation, draft: goodDraft(operation, context, schema) })),
  );
  const gets = targets.description.operations
    .filter((operation) => !takesBody.includes(operation))
    .map((operation) => ({ operation, draft: goodDraft(operation, context, undefined) }));
  return [...posts, ...gets].map(({ operation, draft }) => ({
    ...usualCase({ kind: 'example', bytes: bytesOf(draft, open), marker, operation }),
    name: `${operation.method} ${operation.path}`,
  }));
}

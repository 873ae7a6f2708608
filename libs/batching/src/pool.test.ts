import type { BatchItem } from './batch';
import { neighbours, removeFirst } from './length-buckets';
import { createPool, insertItem, popSeed, type Pool, removeMatching, settleTaken } from './pool';

const urgentMs = 0;
const patientMs = 1_000_000;

function item(value: string, group: string): BatchItem<string> {
  return { value, tokens: 5, group, priority: 0, enqueuedAtMs: 0 };
}

/** Takes the most urgent row and with it all of its group. */
function takeGroup(pool: Pool<string>): void {
  const seed = popSeed(pool);
  const buckets = seed && pool.groups.get(seed.item.group);
  if (seed === undefined || buckets === undefined) return;
  const taken = [seed];
  removeFirst(buckets, seed.item.tokens);
  for (let [next] = neighbours(buckets, 0); next !== undefined; [next] = neighbours(buckets, 0)) {
    taken.push(next);
    removeFirst(buckets, next.item.tokens);
  }
  settleTaken(pool, seed.item.group, taken);
}

test('keeps nothing of rows that left beside a seed, though they were less urgent than all that wait', () => {
  const pool = createPool<string>();
  insertItem(pool, item('waits', 'other'), patientMs - 1);
  for (let round = 0; round < 100; round += 1) {
    insertItem(pool, item('seed', 'g'), urgentMs);
    insertItem(pool, item('neighbour', 'g'), patientMs);
    takeGroup(pool);
    expect(pool.items).toBe(1);
    expect(pool.seeds.length).toBeLessThanOrEqual(2);
  }
});

test('keeps no group whose last row was taken', () => {
  const pool = createPool<string>();
  for (const group of ['a', 'b', 'a']) insertItem(pool, item('row', group), urgentMs);
  takeGroup(pool);
  expect([...pool.groups.keys()]).toEqual(['b']);
  takeGroup(pool);
  expect([pool.groups.size, pool.seeds.length, pool.items, pool.tokens]).toEqual([0, 0, 0, 0]);
});

test('keeps no group whose last row was dropped', () => {
  const pool = createPool<string>();
  for (const group of ['a', 'b', 'a']) insertItem(pool, item(group, group), urgentMs);
  removeMatching(pool, (value) => value === 'a');
  expect([...pool.groups.keys()]).toEqual(['b']);
  expect(removeMatching(pool, () => true)).toHaveLength(1);
  expect([pool.groups.size, pool.seeds.length, pool.items, pool.tokens]).toEqual([0, 0, 0, 0]);
});

import { createTurns } from './turns';

test('each goes on in a turn of the event loop of its own, in order', async () => {
  const takeTurn = createTurns();
  let turn = 0;
  let isOver = false;
  const countTurns = () => {
    turn++;
    if (!isOver) setImmediate(countTurns);
  };
  setImmediate(countTurns);
  const taken: [who: number, turn: number][] = [];
  await Promise.all(Array.from({ length: 10 }, (_, who) => takeTurn().then(() => taken.push([who, turn]))));
  isOver = true;
  expect(taken.map(([who]) => who)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(new Set(taken.map(([, at]) => at)).size).toBe(10);
});

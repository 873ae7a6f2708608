import { privateMiBOf } from './process-memory';

const rollup = `55d0c2a00000-7ffd1c5f2000 ---p 00000000 00:00 0    [rollup]
Rss:             1843200 kB
Pss:             1700000 kB
Shared_Clean:     102400 kB
Shared_Dirty:          0 kB
Private_Clean:    614400 kB
Private_Dirty:   1126400 kB
Private_Hugetlb:    2048 kB
Referenced:      1843200 kB
`;

test('private memory is what the process shares with no other, clean or dirty', () => {
  expect(privateMiBOf(rollup)).toBe(600 + 1100);
});

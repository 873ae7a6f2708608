import { layOut } from './dashboard';
import { graph } from './panels';

const panel = (width: number) =>
  graph({ title: `w${width}`, description: 'd', unit: 's', width }, { expr: 'up', legend: '' });

test('panels stand side by side while they fit, then on the next line', () => {
  const placed = layOut([{ height: 8, panels: [12, 6, 12, 12].map(panel) }]);
  expect(placed.map(({ gridPos }) => gridPos)).toEqual([
    { x: 0, y: 0, w: 12, h: 8 },
    { x: 12, y: 0, w: 6, h: 8 },
    { x: 0, y: 8, w: 12, h: 8 },
    { x: 12, y: 8, w: 12, h: 8 },
  ]);
});

test('a section begins below the one before it, with its heading over the whole width', () => {
  const placed = layOut([
    { title: 'one', height: 5, panels: [panel(24)] },
    { title: 'two', height: 8, panels: [panel(4)] },
  ]);
  expect(placed.map(({ id, type, gridPos }) => [id, type, gridPos?.y, gridPos?.w])).toEqual([
    [1, 'row', 0, 24],
    [2, 'timeseries', 1, 24],
    [3, 'row', 6, 24],
    [4, 'timeseries', 7, 4],
  ]);
});

test('a panel that is wider than the grid is refused', () => {
  const wide = panel(24);
  wide.gridPos!.w = 25;
  expect(() => layOut([{ height: 8, panels: [wide] }])).toThrow('wider than the grid');
});

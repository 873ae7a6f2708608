import { parseOptions } from './options';

it('sends 20,000 requests with the first seed by default', () => {
  expect(parseOptions([])).toEqual({ requests: 20_000, seed: 1, only: undefined });
  const all = ['--requests', '30', '--seed', '4', '--only', '17'];
  expect(parseOptions(all)).toEqual({ requests: 30, seed: 4, only: 17 });
});

it.each([[['--requests', 'many']], [['--seed', '-1']], [['--only', '']], [['--nothing']], [['nothing']]])(
  'cannot read %j',
  (args) => {
    expect(parseOptions(args)).toBeUndefined();
  },
);

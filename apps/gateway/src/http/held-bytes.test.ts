import fc from 'fast-check';
import { createHeldBytes, type BodyHold } from './held-bytes';

/** A body that arrives, with what it was told when it was given up. */
function arriving(held: ReturnType<typeof createHeldBytes>) {
  const givenUp: unknown[] = [];
  const hold = held.open();
  hold.arrives((failure) => givenUp.push(failure));
  return { hold, givenUp };
}

const full = { code: 'gateway_full', retryAfterS: expect.any(Number) as unknown };

test('holds what bodies hold together, until they give it back', () => {
  const held = createHeldBytes(100);
  const [one, two] = [held.open(), held.open()];
  one.grow(40);
  two.grow(50);
  one.grow(10);
  expect(held.now()).toBe(100);
  one.release();
  one.release();
  expect(held.now()).toBe(50);
  two.release();
  expect(held.now()).toBe(0);
});

test('gives up the largest that arrives for one that does not fit', () => {
  const held = createHeldBytes(100);
  const [small, large] = [arriving(held), arriving(held)];
  small.hold.grow(20);
  large.hold.grow(70);
  expect(arriving(held).hold.grow(15)).toBeUndefined();
  expect(large.givenUp).toEqual([expect.objectContaining(full)]);
  expect(small.givenUp).toEqual([]);
  expect(held.now()).toBe(35);
});

test('refuses the one that grows when it is the largest itself, or the only one that arrives', () => {
  const held = createHeldBytes(100);
  const whole = arriving(held);
  whole.hold.grow(60);
  whole.hold.arrived();
  const other = arriving(held);
  other.hold.grow(10);
  const largest = arriving(held);
  expect(largest.hold.grow(35)).toMatchObject(full);
  expect([whole.givenUp, other.givenUp, largest.givenUp]).toEqual([[], [], []]);
  expect(held.now()).toBe(70);
  other.hold.release();
  expect(held.open().grow(45)).toMatchObject(full);
});

test('a body that does not fit alone is too large, which no retry helps', () => {
  const held = createHeldBytes(100);
  const hold = held.open();
  hold.grow(90);
  const failure = hold.grow(11);
  expect(failure).toMatchObject({ code: 'body_too_large', field: 'body', limit: 100 });
  expect(failure).not.toHaveProperty('retryAfterS');
  expect(held.now()).toBe(0);
});

test('what was given up or given back holds nothing any more', () => {
  const held = createHeldBytes(100);
  const victim = arriving(held);
  victim.hold.grow(80);
  const other = arriving(held);
  other.hold.grow(30);
  expect(victim.hold.grow(5)).toBeUndefined();
  other.hold.release();
  other.hold.grow(5);
  expect(held.now()).toBe(0);
});

test('never holds more than its limit, and nothing in the end, whatever bodies do', () => {
  const step = fc.record({
    who: fc.nat(4),
    what: fc.constantFrom('arrives', 'arrived', 'grow', 'grow', 'grow', 'release', 'open'),
    bytes: fc.nat(120),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const held = createHeldBytes(100);
      const holds = Array.from({ length: 5 }, () => held.open());
      for (const { who, what, bytes } of steps) {
        const hold = holds[who] as BodyHold;
        if (what === 'open') {
          hold.release();
          holds[who] = held.open();
        } else if (what === 'grow') hold.grow(bytes);
        else if (what === 'arrives') hold.arrives(() => undefined);
        else hold[what]();
        expect(held.now()).toBeLessThanOrEqual(100);
        expect(held.now()).toBeGreaterThanOrEqual(0);
      }
      for (const hold of holds) hold.release();
      expect(held.now()).toBe(0);
    }),
  );
});

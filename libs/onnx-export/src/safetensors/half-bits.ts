/** Float32 magnitudes from here on are rounded to an infinite float16. */
const overflow = 0x477f_f000;
/** 2^-14: below it a float16 has a fixed step. */
const smallestNormal = 0x3880_0000;

const scratch = new Float32Array(1);
const scratchBits = new Uint32Array(scratch.buffer);

/**
 * Rounds float32, given as bits, to float16, ties to even. Returns the index of the first value that float16 cannot
 * hold, if there is one.
 */
export function roundToHalves(bits: Uint32Array): { halves: Uint16Array; beyond?: number } {
  const halves = new Uint16Array(bits.length);
  for (let at = 0; at < bits.length; at++) {
    const sign = ((bits[at] as number) >>> 16) & 0x8000;
    const magnitude = (bits[at] as number) & 0x7fff_ffff;
    if (magnitude >= overflow) return { halves, beyond: at };
    halves[at] = sign | (magnitude < smallestNormal ? subnormal(magnitude) : normal(magnitude));
  }
  return { halves };
}

/** Drops 13 bits of the fraction and moves the bias of the exponent from 127 to 15. */
function normal(magnitude: number): number {
  const rounded = magnitude + 0xfff + ((magnitude >>> 13) & 1);
  return (rounded - (112 << 23)) >>> 13;
}

/** Adding a half makes the float32's own rounding work in steps of 2^-24. */
function subnormal(magnitude: number): number {
  scratchBits[0] = magnitude;
  scratch[0] = (scratch[0] as number) + 0.5;
  return scratchBits[0] - 0x3f00_0000;
}

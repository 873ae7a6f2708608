/**
 * Converts half-precision numbers (IEEE 754 binary16) to single precision, exactly. Runtimes without a type for them
 * return the bits, which must not be read as integers.
 */
export function widened(halves: ArrayBufferView): Float32Array {
  const bits = new Uint16Array(halves.buffer, halves.byteOffset, halves.byteLength / 2);
  return Float32Array.from(bits, fromBits);
}

function fromBits(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Stored types of weights that are read as float32. */
export const floatTypes = ['F32', 'F16', 'BF16'] as const;
export type FloatType = (typeof floatTypes)[number];

/** A float16 has 65,536 values: their float32 bits, made at the first use. */
let halfBits: Uint32Array | undefined;

/** Where decoded elements go: to `target[at]`, `target[at + stride]`, ... */
export interface DecodedPlace {
  target: Uint32Array;
  at: number;
  stride: number;
}

/** Decodes `count` elements from index `first` on. Returns whether all of them are finite numbers. */
export type Decode = (first: number, count: number, place: DecodedPlace) => boolean;

/**
 * Reads elements of a tensor as the bits of float32. All three conversions are exact. Each type has its own loop,
 * because a call per element would cost more than the conversion.
 *
 * @param bytes little-endian, aligned to the size of an element
 */
export function floatDecoder(type: FloatType, bytes: Uint8Array): Decode {
  switch (type) {
    case 'F32':
      return decodeWords(new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4));
    case 'BF16':
      return decodeBrainFloats(new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2));
    case 'F16':
      return decodeHalves(new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2));
    default:
      return type satisfies never;
  }
}

/** All bits of the exponent are set in infinities and in values that are no numbers. */
const exponent = 0x7f80_0000;

function decodeWords(words: Uint32Array): Decode {
  return (first, count, { target, at, stride }) => {
    let isFinite = true;
    for (let index = 0; index < count; index++) {
      const bits = words[first + index] as number;
      if ((bits & exponent) === exponent) isFinite = false;
      target[at + index * stride] = bits;
    }
    return isFinite;
  };
}

function decodeBrainFloats(words: Uint16Array): Decode {
  return (first, count, { target, at, stride }) => {
    let isFinite = true;
    for (let index = 0; index < count; index++) {
      const bits = (words[first + index] as number) << 16;
      if ((bits & exponent) === exponent) isFinite = false;
      target[at + index * stride] = bits;
    }
    return isFinite;
  };
}

function decodeHalves(words: Uint16Array): Decode {
  halfBits ??= Uint32Array.from({ length: 0x1_0000 }, (_, half) => bitsOfHalf(half));
  const table = halfBits;
  return (first, count, { target, at, stride }) => {
    let isFinite = true;
    for (let index = 0; index < count; index++) {
      const bits = table[words[first + index] as number] as number;
      if ((bits & exponent) === exponent) isFinite = false;
      target[at + index * stride] = bits;
    }
    return isFinite;
  };
}

/** The float32 bits of a float16: sign, 5 bits of exponent with a bias of 15, 10 bits of fraction. */
function bitsOfHalf(half: number): number {
  const sign = (half & 0x8000) << 16;
  const power = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (power === 0x1f) return sign | exponent | (fraction << 13);
  if (power > 0) return sign | ((power + 112) << 23) | (fraction << 13);
  // subnormal: fraction x 2^-24 is a normal float32
  const [bits] = new Uint32Array(new Float32Array([fraction * 2 ** -24]).buffer);
  return sign | (bits as number);
}

/** A prepared query in memory that all threads read: copying it between them costs nothing. */
export type SharedQuery = Readonly<Record<string, unknown>>;

type Numbers = Float32Array | Int32Array;

/** Copies the arrays of a prepared query into shared memory. */
export function shareQuery(prepared: object): SharedQuery {
  return mapArrays(prepared, (array) => {
    const shared = new SharedArrayBuffer(array.byteLength);
    const copy = array instanceof Float32Array ? new Float32Array(shared) : new Int32Array(shared);
    copy.set(array);
    return copy;
  });
}

/** Copies the arrays of a shared query into memory of this thread, because onnxruntime takes no shared memory. */
export function ownQuery(shared: SharedQuery): object {
  return mapArrays(shared, (array) => array.slice());
}

/** Memory of the arrays of a shared query. */
export function sharedBytes(shared: SharedQuery): number {
  return Object.values(shared).reduce<number>((sum, value) => sum + (isNumbers(value) ? value.byteLength : 0), 0);
}

function mapArrays(prepared: object, map: (array: Numbers) => Numbers): SharedQuery {
  return Object.fromEntries(
    Object.entries(prepared).map(([name, value]: [string, unknown]) => [name, isNumbers(value) ? map(value) : value]),
  );
}

function isNumbers(value: unknown): value is Numbers {
  return value instanceof Float32Array || value instanceof Int32Array;
}

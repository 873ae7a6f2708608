/** The pieces of a vocabulary by their characters. A node stands for a beginning of pieces; the root is node 0. */
export interface PieceTree {
  /** The node of the beginning that is one character longer; 0 if no piece begins like that. */
  next(node: number, codePoint: number): number;
  /** The id of the piece that ends at a node; -1 if none does. */
  idAt(node: number): number;
}

/** One edge: its node, its code point, and the node that it leads to. An edge that leads to 0 is free. */
const edgeSize = 3;

/**
 * Creates a tree in two arrays of numbers. With an object per node, a vocabulary of 250,000 pieces takes 100 MB, which
 * each collection of the thread's memory walks through.
 */
export function createPieceTree(pieces: Iterable<readonly [piece: string, id: number]>): PieceTree {
  const ids = [-1];
  let edges = new Int32Array(edgeSize * 2 ** 10);
  const add = (node: number, codePoint: number) => {
    if (ids.length * 2 * edgeSize > edges.length) edges = withDoubleSize(edges);
    const slot = slotOf(edges, node, codePoint);
    if (edges[slot + 2] === 0) edges.set([node, codePoint, ids.push(-1) - 1], slot);
    return edges[slot + 2] as number;
  };
  for (const [piece, id] of pieces) {
    let node = 0;
    for (const character of piece) node = add(node, character.codePointAt(0) as number);
    ids[node] = id;
  }
  const idOfNode = Int32Array.from(ids);
  return {
    next: (node, codePoint) => edges[slotOf(edges, node, codePoint) + 2] as number,
    idAt: (node) => idOfNode[node] as number,
  };
}

/** The place of an edge, or the free one where it belongs. At least half of the places are free. */
function slotOf(edges: Int32Array, node: number, codePoint: number): number {
  const places = edges.length / edgeSize;
  const mixed = Math.imul(node ^ Math.imul(codePoint, 0x9e3779b1), 0x85ebca6b);
  let place = (mixed ^ (mixed >>> 15)) & (places - 1);
  for (;;) {
    const slot = edgeSize * place;
    if (edges[slot + 2] === 0 || (edges[slot] === node && edges[slot + 1] === codePoint)) return slot;
    place = (place + 1) & (places - 1);
  }
}

function withDoubleSize(edges: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(2 * edges.length);
  for (let at = 0; at < edges.length; at += edgeSize) {
    const [node, codePoint, child] = edges.subarray(at, at + edgeSize) as unknown as [number, number, number];
    if (child !== 0) larger.set([node, codePoint, child], slotOf(larger, node, codePoint));
  }
  return larger;
}

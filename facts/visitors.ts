/**
 * Visitors that one node carries. A join costs it 3.3 to 5.9 ms of CPU, and a change of a main participant 0.1 ms for each visitor
 * (measured with the real daemons and 150 visitors at a node, docs/SCALING.md): by joins alone a core carries 2,000, and half of it is
 * taken.
 */
export const VISITORS_PER_NODE = 1000;

/** Nodes of a deployment; each has a port of each kind (facts/ports.ts). */
export const MOST_NODES = 8;

/** Visitors that a deployment takes. */
export const MOST_VISITORS = MOST_NODES * VISITORS_PER_NODE;

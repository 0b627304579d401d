/**
 * Visitors that one node carries. A join costs it 2.8 to 6.3 ms of CPU, and a change of a main participant 0.05 ms for each visitor
 * (measured with the real daemons and up to 1,300 visitors at a node, docs/SCALING.md): a quarter of a core while 300 people in the main
 * room change something once a minute, so that there is room for who comes meanwhile.
 */
export const VISITORS_PER_NODE = 1000;

/** Nodes of a deployment; each has a port of each kind (facts/ports.ts). */
export const MOST_NODES = 8;

/** Visitors that a deployment takes. */
export const MOST_VISITORS = MOST_NODES * VISITORS_PER_NODE;

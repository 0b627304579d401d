/** A Prosody for those of a large audience who listen: a node, as jicofo and the page call it. */
export interface VisitorNode {
  /** Its name in jicofo's answer and in the page's address of the websocket: v1, v2, … */
  id: string;
  /** Counts from 1. */
  number: number;
  /** Where visitors log in. */
  domain: string;
  /** Where jicofo logs in. */
  auth: string;
  /** Its rooms. */
  conference: string;
  /** Ports on loopback: jicofo, websockets, the other Prosodys. */
  clientPort: number;
  httpPort: number;
  linkPort: number;
}

/** Who listens when a room is larger than what may speak. */
export interface VisitorsPlan {
  /** visitors.D: by it jicofo and the nodes speak to the main Prosody. Jitsi's modules take this name for granted. */
  component: string;
  /** People of a room who are in the main one; whoever comes after them is a visitor. */
  speakers: number;
  /** Visitors of one room that jicofo sends to one node before it takes the next. */
  perNode: number;
  nodes: VisitorNode[];
}

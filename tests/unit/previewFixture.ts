/** Documents of `pulumi preview --json`, of the engine's shape. */

export interface State {
  type: string;
  parent: string;
  inputs: Record<string, unknown>;
}
export interface Step {
  op: string;
  urn: string;
  oldState?: State;
  newState?: State;
  diffReasons?: string[];
}

export const urn = (types: string, name: string) =>
  `urn:pulumi:prod::jitsi::jitsi:index:AudioMeet$${types}::${name}`;

/** A step on a host as the engine's document has it; an absent side is a resource that was not there, or goes. */
export function command(
  name: string,
  [parentTypes, parentName]: [string, string],
  before: unknown,
  after: unknown,
  op = before === undefined ? "create" : after === undefined ? "delete" : "update",
): Step {
  const parent = urn(parentTypes, parentName);
  const state = (stdin: unknown): State => ({
    ...{ type: "command:remote:Command", parent },
    inputs: { connection: "[secret]", stdin: typeof stdin === "string" ? stdin : JSON.stringify(stdin) },
  });
  return {
    op,
    urn: urn(`${parentTypes}$command:remote:Command`, name),
    ...(before !== undefined && { oldState: state(before) }),
    ...(after !== undefined && { newState: state(after) }),
    ...(op === "update" && { diffReasons: ["stdin"] }),
  };
}

export const CORE: [string, string] = ["jitsi:index:JitsiCore", "meet-core"];
export const PROSODY: [string, string] = [
  "jitsi:index:JitsiCore$jitsi:index:ProsodyPair",
  "meet-core-prosody",
];
export const BRIDGE: [string, string] = ["jitsi:index:VideobridgeNode", "meet-fra-1"];

export function group(content: string, digest = "0a0a0a", more: object = {}) {
  const file = {
    mode: "0640",
    owner: "root",
    group: "prosody",
    content,
    units: { "prosody.service": "restart" },
  };
  return {
    group: "prosody",
    files: { "/etc/prosody/prosody.cfg.lua": file },
    run: ["prosody.service"],
    whoNotices: { "prosody.service": `restarts with ${digest}: everybody has to join again` },
    ...more,
  };
}

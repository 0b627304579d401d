export { AudioMeet } from "./audioMeet";
export type * from "./audioMeetArgs";
export type * from "./audioMeetOutputs";
export { JibriNode, type JibriNodeArgs } from "./jibriNode";
export { JitsiCore, type JitsiCoreArgs } from "./jitsiCore";
export type { Machine, MachineMakers, SshEndpoint } from "./machines";
export { ProsodyPair, type ProsodyPairArgs } from "./prosodyPair";
export { VideobridgeNode, type VideobridgeNodeArgs } from "./videobridgeNode";

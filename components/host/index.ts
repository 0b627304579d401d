export { drain, recorderDrain } from "./drain";
export { ManagedHost } from "./managedHost";
export { Verification } from "./verification";

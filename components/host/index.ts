export { drain } from "./drain";
export { ManagedHost } from "./managedHost";
export { Verification } from "./verification";

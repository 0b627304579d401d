export { drain } from "./drain";
export { ManagedHost, type HostLogin } from "./managedHost";
export { Verification } from "./verification";

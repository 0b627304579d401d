/** Versions to install, apt pin patterns. */
export interface PackageVersions {
  prosody: string;
  jicofo: string;
  videobridge: string;
  meetProsody: string;
  meetWeb: string;
  jibri: string;
}

/**
 * One set that belongs together: what the packages of Jitsi Meet 2.0.11146 (stable, August 2026) are made of. Sources: nixpkgs, pull
 * request 557515, for the page and the plugins; for the others the package cache of a server that upgraded from download.jitsi.org,
 * with the four files beside jitsi-meet_2.0.11146-1. Newer sets: docs/OPERATIONS.md#upgrading. Prosody: the stable series of packages.prosody.im and of Debian 13.
 */
export const DEFAULT_RELEASE: PackageVersions = {
  prosody: "13.*",
  jicofo: "1.0-1189-1",
  videobridge: "2.3-307-g4bb0aead1-1",
  meetProsody: "1.0.9365-1",
  meetWeb: "1.0.9365-1",
  // Recorders talk to jicofo alone, in words that have not changed for years.
  jibri: "8.0-*",
};

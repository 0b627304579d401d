/** What `audio-meet watchdog` reads: where it asks. */
export interface WatchdogManifest {
  /** URL of jicofo. */
  jicofo: string;
  /** URL of prosody-jvb, and the host on which it tells about bridges. */
  bridges: string;
  domain: string;
}

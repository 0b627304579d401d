/** What differs from release to release. */
export interface ReleaseFacts {
  /** Where Prosody 13 comes from: its authors' repository, or the distribution itself. */
  prosodyFrom: "prosody.im" | "distribution";
  /** The recorders' browser: Ubuntu has Chromium as a snap alone, which no daemon can use. */
  browser: "chrome" | "chromium";
}

/** "<ID>-<VERSION_ID>" of /etc/os-release → facts. Ubuntu 22.04 itself has Prosody 0.11, Debian 12 has 0.12: both too old. */
export const RELEASES: Record<string, ReleaseFacts> = {
  "ubuntu-22.04": { prosodyFrom: "prosody.im", browser: "chrome" },
  "ubuntu-24.04": { prosodyFrom: "prosody.im", browser: "chrome" },
  "debian-12": { prosodyFrom: "prosody.im", browser: "chromium" },
  "debian-13": { prosodyFrom: "distribution", browser: "chromium" },
};

/**
 * A browser and its driver. Debian builds both from one source, so that they always fit; Chrome's driver is in no repository,
 * and the helper fetches the one of the very version that is installed (host/audio_meet/recorder/browser.py).
 */
export const BROWSERS: Record<ReleaseFacts["browser"], string[]> = {
  chrome: ["google-chrome-stable"],
  chromium: ["chromium", "chromium-driver"],
};

/**
 * The Lua that both Prosodys and prosodyctl run on; the name of its package and of its program. Every build of Prosody 13 that a
 * release may have is made for it: Debian's for no other (its dependencies), those of packages.prosody.im for 5.2, 5.3 and 5.4
 * (/usr/share/lua/5.x/prosody), started by whatever `lua` is on the server: jitsi/jitsi-meet#17303, #14372.
 */
export const PROSODY_LUA = "lua5.4";

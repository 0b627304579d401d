import type { HostPlan, Role } from "./types";

/** Below these a deployment would not start, or not for long; what a room of a size needs is in docs/SCALING.md. */
export interface Requirements {
  memoryMegabytes: number;
  /** Absolute path → megabytes. */
  diskMegabytes: Record<string, number>;
}

/** The system itself, SSH, and apt while it installs. */
const BASE_MEMORY_MEGABYTES = 400;

/**
 * Resident memory while idle, measured with the real daemons at their smallest heap (256 MB): jicofo 180 to 200 MB, a bridge
 * 190 MB and 320 MB with thirty participants; the two Prosodys, nginx and coturn together 150 MB. A machine sold with "1 GB"
 * carries a small core or a bridge, and one with "2 GB" both. A recorder's browser and encoder were not measured: theirs is
what a headless page with sound alone commonly takes, far below the 8 GB that Jitsi's handbook wants for video of 720 lines.
 */
const MEMORY_MEGABYTES: Record<Role, number> = {
  core: 450,
  videobridge: 400,
  monitoring: 300,
  recorder: 1300,
};

/** Installed packages, by Debian's own figures: Java alone is 200 MB, certbot and its Python 60 MB, a browser 400 MB. */
const PACKAGES_MEGABYTES: Record<Role, number> = {
  core: 700,
  videobridge: 450,
  monitoring: 400,
  recorder: 1400,
};

/** What apt downloads before it unpacks, about half of that, and its lists of what there is. */
const DOWNLOAD_SHARE = 0.5;

/** Journal and logs of some days, before the first rotation. */
const LOGS_MEGABYTES = 200;

/** The least that a host of these roles must have. */
export function requirementsOf({ roles }: Pick<HostPlan, "roles">): Requirements {
  const sum = (table: Record<Role, number>) => roles.reduce((total, role) => total + table[role], 0);
  const packages = sum(PACKAGES_MEGABYTES);
  return {
    memoryMegabytes: BASE_MEMORY_MEGABYTES + sum(MEMORY_MEGABYTES),
    diskMegabytes: {
      "/usr": packages,
      "/var/cache/apt/archives": Math.ceil(packages * DOWNLOAD_SHARE),
      "/var/log": LOGS_MEGABYTES,
    },
  };
}

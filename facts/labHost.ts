import { createHash } from "node:crypto";
import type { ReleaseFacts } from "./releases";

/** Releases that a guest of the lab can run (lab/hosts/suites.py). */
export const LAB_SUITES = ["trixie", "bookworm", "near-jammy", "jammy", "noble"] as const;

export type LabSuite = (typeof LAB_SUITES)[number];

function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

/**
 * Address of a lab host: known before the guest exists, the same on every run, another one for the next generation, so that a
 * replacement lives beside the old machine. In 10.213.0.0/16, never in 10.213.0.* (the lab's bridge itself), never ending in 0
 * or 255.
 */
export function labAddress(domain: string, id: string, generation: number): string {
  const digest = sha256(`${domain}/${id}/${generation}`);
  const third = 1 + (digest.readUInt32BE(0) % 255);
  const fourth = 1 + (digest.readUInt32BE(4) % 254);
  return `10.213.${third}.${fourth}`;
}

/** Name of the guest and of its folder, e.g. "am-3f9a1c-fra-1-g1". */
export function labName(domain: string, id: string, generation: number): string {
  return `am-${sha256(domain).toString("hex").slice(0, 6)}-${id}-g${generation}`;
}

/** Suites whose images are entered as Ubuntu's are. */
const UBUNTU_LIKE: LabSuite[] = ["near-jammy", "jammy", "noble"];

/** Who logs in to a guest. */
export function labUser(suite: LabSuite): string {
  return UBUNTU_LIKE.includes(suite) ? "ubuntu" : "root";
}

/**
 * What guests of the lab bring along in the package sources of their image: backports where Prosody 13 is for Debian 12, and
 * Debian's own Chromium where Debian says that it is Ubuntu.
 */
export const LAB_SOURCES: Partial<Record<LabSuite, Partial<ReleaseFacts>>> = {
  bookworm: { prosodyFrom: "distribution" },
  "near-jammy": { prosodyFrom: "distribution", browser: "chromium" },
};

import { runInNewContext } from "node:vm";
import type { LabStack } from "./labStack";

/** A setting of each kind that no key has, each of another effect on the one machine of a stack. */
export const EXTRA = {
  nginx: 'add_header X-Robots-Tag "noindex" always;\nlocation = /status { return 200 "up\\n"; }\n',
  prosody: "c2s_tcp_keepalives = false\n",
  prosodyJvb: "c2s_tcp_keepalives = false\n",
  jicofo: "jicofo.conference.initial-timeout = 30 seconds\n",
  videobridge: "videobridge.entity-expiration.timeout = 2 minutes\n",
};

/** The same for the page. */
export const PAGE = { toolbarConfig: { alwaysVisible: true } };

/** Texts that our reader takes and the daemon does not, by key; each with what the daemon says of it. */
export const BROKEN: [key: keyof typeof EXTRA, text: string, complaint: string][] = [
  ["nginx", "retrun 404;\n", 'unknown directive "retrun"'],
  ["prosody", 'c2s_tcp_keepalives = "perhaps"\n', "expecting true/false"],
  ["prosodyJvb", 'c2s_tcp_keepalives = "perhaps"\n', "expecting true/false"],
];

/** Settings that undo a promise, by what the error calls them. */
export const MISUSES = {
  "jitsi:web.config": { disableSelfView: false, startWithVideoMuted: false },
  "jitsi:extra.nginx": "listen 8443 ssl;\n",
  "jitsi:extra.prosody": "s2s_secure_auth = false\n",
  "jitsi:extra.prosodyJvb": "c2s_ports = { 5223 }\n",
  "jitsi:extra.jicofo": "jicofo.codec.video.vp9.enabled = true\n",
  "jitsi:extra.videobridge": "videobridge.shutdown.graceful-shutdown-min-participants = 5\n",
};

/** What the browser has as `config` once config.js has run. */
export function pageConfig(configJs: string): unknown {
  return JSON.parse(runInNewContext(`${configJs}\nJSON.stringify(config)`, {}) as string) as unknown;
}

/** Whether the kernel keeps alive what is connected to a port of the core: all of it, none, or some. */
export async function keptAlive(stack: LabStack, port: number): Promise<"all" | "none" | "some"> {
  const told = await stack.on("core", `ss -Htno state established '( sport = :${port} )'`);
  const lines = told.trim().split("\n").filter(Boolean);
  if (lines.length === 0) throw new Error(`nothing is connected to port ${port} of the core`);
  const kept = lines.filter((line) => line.includes("timer:(keepalive")).length;
  return kept === 0 ? "none" : kept === lines.length ? "all" : "some";
}

import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ACCESS_PLANS, content } from "./files";
import { readHocon, unknownKeys } from "./hocon";
import { inFolder, run, testWith } from "./programs";

const PROSODY = "/etc/prosody/prosody.cfg.lua";
const JICOFO = "/etc/jitsi/jicofo/jicofo.conf";
const PAGE = "/etc/jitsi/meet/meet.example.org-config.js";

describe.each(ACCESS_PLANS)("with access %s", (kind, plan) => {
  const text = content(PROSODY, "core", plan);

  testWith(["luac"], "Prosody's configuration is Lua", () => {
    expect(run("luac", ["-p", "-"], text)).toEqual({ code: 0, output: "" });
  });

  testWith(["prosodyctl", "root", "runuser"], "it passes Prosody's own check", () => {
    inFolder((folder) => {
      const candidate = join(folder, "prosody.cfg.lua");
      chmodSync(folder, 0o755);
      writeFileSync(candidate, text, { mode: 0o644 });
      const check = ["prosodyctl", "--config", candidate, "check", "config"];
      expect(run("runuser", ["-u", "prosody", "--", ...check]).output).toContain("All checks passed");
    });
  });

  testWith(["node"], "config.js is JavaScript whose hosts are those of Prosody", () => {
    const script = `${content(PAGE, "core", plan)}\nconsole.log(JSON.stringify(config))`;
    const { output, code } = run("node", ["-"], script);
    expect(code).toBe(0);
    const { hosts, ...others } = JSON.parse(output) as { hosts: Record<string, string> };
    for (const name of [hosts["domain"], hosts["anonymousdomain"]])
      if (name !== undefined) expect(text).toContain(`VirtualHost "${name}"`);
    // Past Prosody jicofo would not know who asks, and BOSH takes what a websocket refuses.
    expect(Object.keys(others)).not.toEqual(expect.arrayContaining(["conferenceRequestUrl"]));
    expect(Object.keys(others)).not.toEqual(expect.arrayContaining(["bosh"]));
  });

  test("jicofo.conf has only keys that jicofo reads, and asks for logins at a host that Prosody has", async () => {
    const passwords = { JICOFO_CLIENT_PASSWORD: "x", JICOFO_SERVICE_PASSWORD: "y" };
    const value = (await readHocon(content(JICOFO, "core", plan), passwords)) as {
      jicofo: { authentication?: Record<string, unknown>; conference: Record<string, unknown> };
    };
    expect(unknownKeys("jicofo", value as never)).toEqual([]);
    const { authentication, conference } = value.jicofo;
    expect(authentication !== undefined).toBe(kind === "moderated");
    if (authentication) expect(text).toContain(`VirtualHost "${String(authentication["login-url"])}"`);
    expect(conference["enable-auto-owner"]).toBe(kind.startsWith("token") ? false : undefined);
  });
});

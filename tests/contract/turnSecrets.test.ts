import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { content } from "./files";
import { inFolder, run, testWith } from "./programs";

const TTL = 12 * 3600;
const SCHEMA = `CREATE TABLE allowed_peer_ip (realm varchar(127), ip_range varchar(256), primary key (realm,ip_range));
CREATE TABLE turn_secret (realm varchar(127), value varchar(127), primary key (realm,value));`;

/** The core's scripts for coturn in a folder of their own, with a clock that the test sets. */
class Core {
  private readonly runtime: string;

  constructor(private readonly folder: string) {
    this.runtime = join(folder, "run");
    for (const name of ["run", "bin", "peers"]) mkdirSync(join(folder, name));
    writeFileSync(join(folder, "schema.sql"), SCHEMA);
    for (const name of ["certificate.pem", "web.key"]) writeFileSync(join(folder, name), "PEM");
    for (const name of ["prepare", "allow-peers"]) {
      writeFileSync(join(folder, name), this.moved(content(`/etc/audio-meet/coturn/${name}`)));
    }
    this.program("install", "exit 0");
    this.program("chgrp", "exit 0");
    this.program("systemd-run", `echo "$*" >>${folder}/timers`);
    this.program("date", `cat ${folder}/now`);
    writeFileSync(join(folder, "timers"), "");
  }

  private program(name: string, body: string): void {
    const path = join(this.folder, "bin", name);
    writeFileSync(path, `#!/bin/sh\n${body}\n`);
    chmodSync(path, 0o755);
  }

  private moved(text: string): string {
    return text
      .replaceAll("/run/audio-meet-coturn", this.runtime)
      .replaceAll("/etc/audio-meet/coturn/peers", join(this.folder, "peers"))
      .replaceAll("/etc/audio-meet/secrets/turn", join(this.folder, "turn"))
      .replaceAll("/usr/share/coturn", this.folder);
  }

  /** What coturn's unit does at a start or a reload at this time, with this secret in the file. */
  at(seconds: number, secret: string, event: "start" | "reload" = "reload"): string[] {
    writeFileSync(join(this.folder, "now"), `${seconds}\n`);
    writeFileSync(join(this.folder, "turn"), secret);
    // A start goes on with addresses, which are not the matter here.
    const prepare = run("sh", ["-c", `PATH=${this.folder}/bin:$PATH sh ${this.folder}/prepare reload`]);
    const allow = run("sh", [`${this.folder}/allow-peers`, ...(event === "start" ? ["new"] : [])]);
    expect([prepare, allow]).toEqual(Array(2).fill({ code: 0, output: "" }));
    const select = "SELECT realm || ' ' || value FROM turn_secret ORDER BY value";
    const { output } = run("sqlite3", [join(this.runtime, "peers.sqlite"), select]);
    return output
      .split("\n")
      .filter(Boolean)
      .map((line) => line.replace("meet.example.org ", ""));
  }

  timers(): string[] {
    return readFileSync(join(this.folder, "timers"), "utf8").split("\n").filter(Boolean);
  }
}

testWith(
  ["sqlite3"],
  "the secret before counts for as long as what was made from it, and then no more",
  () => {
    inFolder((folder) => {
      const core = new Core(folder);
      expect(core.at(1000, "First", "start")).toEqual(["First"]);
      expect(core.at(1500, "First")).toEqual(["First"]);
      expect(core.timers()).toEqual([]);
      expect(core.at(2000, "Second")).toEqual(["First", "Second"]);
      expect(core.timers()).toEqual([
        `--quiet --collect --on-active=${TTL + 1} systemctl --no-block reload coturn.service`,
      ]);
      // A bridge that comes, a certificate that is renewed, a restart: all as before.
      expect(core.at(2000 + TTL - 1, "Second")).toEqual(["First", "Second"]);
      expect(core.at(2000 + TTL - 1, "Second", "start")).toEqual(["First", "Second"]);
      expect(core.at(2000 + TTL + 1, "Second")).toEqual(["Second"]);
      expect(core.timers()).toHaveLength(1);
    });
  },
);

testWith(["sqlite3"], "two rotations in one lifetime keep both secrets, each for its own time", () => {
  inFolder((folder) => {
    const core = new Core(folder);
    core.at(0, "First", "start");
    core.at(100, "Second");
    expect(core.at(200, "Third")).toEqual(["First", "Second", "Third"]);
    expect(core.at(150 + TTL, "Third")).toEqual(["Second", "Third"]);
    expect(core.at(250 + TTL, "Third")).toEqual(["Third"]);
  });
});

testWith(["sqlite3"], "a secret that comes back is the present one", () => {
  inFolder((folder) => {
    const core = new Core(folder);
    core.at(0, "First", "start");
    core.at(100, "Second");
    expect(core.at(200, "First")).toEqual(["First", "Second"]);
    expect(core.at(150 + TTL, "First")).toEqual(["First", "Second"]);
    expect(core.at(250 + TTL, "First")).toEqual(["First"]);
  });
});

import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { groupsOf } from "../../services/onHost";
import { bridge, content, planWith } from "./servicesFixture";

const plan = planWith([bridge("fra-1", 3), bridge("fra-2", 4)]);

describe("prosody", () => {
  const main = content(plan, "core", "/etc/prosody/prosody.cfg.lua");
  const tech = content(plan, "core", "/etc/prosody-jvb/prosody.cfg.lua");

  test("participants and jicofo come over loopback, nobody over s2s", () => {
    expect(main).toContain('c2s_interfaces = { "127.0.0.1", }');
    expect(main).toContain('http_interfaces = { "127.0.0.1" }');
    expect(main).toContain("https_ports = {}");
    expect(main).toMatch(/modules_disabled = \{.*"s2s"/);
  });

  test("only jicofo opens rooms", () => {
    expect(main).toContain('admins = { "focus@auth.meet.example.org" }');
    expect(main).toMatch(
      /Component "conference\.meet\.example\.org" "muc"[^]*?restrict_room_creation = true/,
    );
    expect(main).toContain("component_admins_as_room_owners = true");
  });

  test("the collector is the measured one on both", () => {
    for (const text of [main, tech]) {
      expect(text).toContain('gc = { mode = "incremental", threshold = 400, speed = 250, step_size = ');
    }
  });

  test("stream management is a switch of the participants' host; jicofo keeps it", () => {
    const host = (deployment: typeof plan, name: string) =>
      content(deployment, "core", "/etc/prosody/prosody.cfg.lua")
        .split(/^(?=VirtualHost |Component )/m)
        .find((text) => text.startsWith(`VirtualHost "${name}"`));
    const on = { ...plan, features: { ...plan.features, streamManagement: true } };
    expect(host(plan, "meet.example.org")).not.toContain("smacks");
    expect(host(on, "meet.example.org")).toMatch(/modules_enabled = \{.*"smacks"/);
    for (const either of [plan, on]) expect(host(either, "auth.meet.example.org")).toContain('"smacks"');
  });

  test("the second instance shares no folder, port or socket with the first", () => {
    const options = (text: string) =>
      ["data_path", "pidfile", "c2s_ports", "http_ports"].map(
        (name) => new RegExp(`^${name} = .*$`, "m").exec(text)?.[0],
      );
    const [first, second] = [options(main), options(tech)];
    expect(first).not.toContain(undefined);
    for (const option of second) expect(first).not.toContain(option);
  });

  test("prosody-jvb listens for bridges and waits for that address", () => {
    expect(tech).toContain('c2s_interfaces = { "127.0.0.1", "10.20.0.2", }');
    expect(tech).toContain('http_interfaces = { "127.0.0.1" }');
    const unit = content(plan, "core", "/etc/systemd/system/prosody-jvb.service");
    expect(unit).toMatch(/^ExecStartPre=.*address show to 10\.20\.0\.2 /m);
    expect(unit).not.toContain("address show to 127");
  });

  test("where bridges come over public addresses it listens everywhere", () => {
    const open = { ...plan, core: { ...plan.core, prosodyJvbInterfaces: ["*"] } };
    expect(content(open, "core", "/etc/prosody-jvb/prosody.cfg.lua")).toContain('c2s_interfaces = { "*", }');
    expect(content(open, "core", "/etc/systemd/system/prosody-jvb.service")).not.toContain("ExecStartPre");
  });

  test("no bridge opens a room or owns one: the brewery is made at the start", () => {
    expect(tech).toContain("restrict_room_creation = true");
    expect(tech).toContain('admins = { "focus@tech.meet.example.org" }');
    expect(tech).toMatch(
      /^Component "muc\.tech[^]*modules_enabled = \{ "brewery", "expiry_hold" \}[^]*brewery_room = "jvbbrewery@/m,
    );
  });

  test("bridges have limits at prosody-jvb, jicofo has none", () => {
    expect(tech).toContain('limits = { c2s = { rate = "512kb/s" } }');
    expect(tech).toContain('unlimited_jids = { "focus@tech.meet.example.org" }');
    expect(tech).toMatch(/modules_enabled = \{ "focus_resume", "daemon_sessions", "bridge_bounds", /);
  });

  test("both units are confined and may open many files", () => {
    for (const path of ["prosody.service.d/audio-meet.conf", "prosody-jvb.service"]) {
      const unit = content(plan, "core", `/etc/systemd/system/${path}`);
      for (const line of ["LimitNOFILE=65536", "UMask=0027", "ProtectSystem=strict"]) {
        expect(unit.split("\n")).toContain(line);
      }
    }
    const dropIn = content(plan, "core", "/etc/systemd/system/prosody.service.d/audio-meet.conf");
    expect(dropIn).toContain("\nReadWritePaths=/var/lib/prosody\n");
  });
});

describe("each bridge hears only itself", () => {
  const MODULE = "/etc/audio-meet/prosody-jvb-plugins/mod_brewery_filter.lua";
  const without = { ...plan, brewery: { presenceFilter: false } };

  test("prosody-jvb loads the module on the bridges' host, for their account and their room", () => {
    const tech = content(plan, "core", "/etc/prosody-jvb/prosody.cfg.lua");
    const [before = "", host = ""] = tech.split(/^(?=VirtualHost |Component )/m);
    expect(/^plugin_paths = \{ "([^"]+)" \}$/m.exec(before)?.[1]).toBe(dirname(MODULE));
    expect(host).toMatch(/^VirtualHost "tech\.meet\.example\.org"$/m);
    expect(host).toMatch(/^ {2}modules_enabled = \{.* "brewery_filter", \}$/m);
    expect(host).toContain('brewery_filter_room = "jvbbrewery@muc.tech.meet.example.org"');
    expect(host).toContain('brewery_filter_listener = "focus@tech.meet.example.org"');
    const group = groupsOf(plan, "core").find(({ files }) => MODULE in files);
    expect([group?.group, group?.files[MODULE]?.units]).toEqual([
      "prosody-jvb",
      { "prosody-jvb.service": "restart" },
    ]);
  });

  test("switched off, nothing of it is left, and no other file of any host differs", () => {
    expect(content(without, "core", "/etc/prosody-jvb/prosody.cfg.lua")).not.toMatch(/brewery_filter/);
    const paths = (which: typeof plan) =>
      which.hosts.flatMap(({ id }) =>
        groupsOf(which, id).flatMap(({ files }) =>
          Object.entries(files).map(([path, { content: text }]) => `${id} ${path} ${text}`),
        ),
      );
    const kept = new Set(paths(without));
    expect(
      paths(plan)
        .filter((file) => !kept.has(file))
        .map((file) => file.split(" ", 2).join(" ")),
    ).toEqual(["core /etc/prosody-jvb/prosody.cfg.lua", `core ${MODULE}`]);
  });
});

describe("a restart of jicofo or of prosody-jvb ends no conference", () => {
  test("the rooms of conferences wait for jicofo, and it is asked back by the account that it believes", () => {
    const main = content(plan, "core", "/etc/prosody/prosody.cfg.lua");
    const rooms = main.split(/^(?=VirtualHost |Component )/m).filter((part) => part.includes('"focus_hold"'));
    expect(rooms.map((part) => part.split("\n", 1)[0])).toEqual([
      'Component "conference.meet.example.org" "muc"',
    ]);
    expect(main).toContain('\nfocus_hold_account = "focus@auth.meet.example.org"\n');
    expect(main).toContain('\nfocus_hold_statistics = "http://127.0.0.1:8888/stats"\n');
  });

  test("jicofo's stream is kept on the host of its account", () => {
    const tech = content(plan, "core", "/etc/prosody-jvb/prosody.cfg.lua");
    const host = tech.split(/^(?=VirtualHost |Component )/m)[1] ?? "";
    expect(host).toMatch(/^ {2}modules_enabled = \{ "focus_resume", /m);
    expect(host).toContain('focus_resume_account = "focus@tech.meet.example.org"');
  });

  test("jicofo is killed: an orderly stop would tell the bridges to end every conference", () => {
    const unit = content(plan, "core", "/etc/systemd/system/jicofo.service").split("\n");
    expect(unit).toEqual(
      expect.arrayContaining(["KillSignal=SIGKILL", "SuccessExitStatus=143 SIGKILL", "Restart=always"]),
    );
  });
});

describe("video is refused", () => {
  const MODULE = "/etc/audio-meet/prosody-plugins/mod_audio_only.lua";
  const main = content(plan, "core", "/etc/prosody/prosody.cfg.lua");
  const hosts = new Map(
    main
      .split(/^(?=VirtualHost |Component )/m)
      .slice(1)
      .map((text) => [/"([^"]+)"/.exec(text)?.[1], text]),
  );

  test("the module goes to the core as it is, readable for Prosody, changed by root alone", () => {
    const group = groupsOf(plan, "core").find(({ files }) => MODULE in files);
    expect(group?.group).toBe("prosody");
    // Without a checker of its own the helper puts it in place before the dry start of the configuration loads it.
    expect(group?.files[MODULE]).toEqual({
      mode: "0644",
      owner: "root",
      group: "root",
      content: readFileSync("templates/prosody/mod_audio_only.lua", "utf8"),
      units: { "prosody.service": "restart" },
    });
    expect(groupsOf(plan, "fra-1").some(({ files }) => MODULE in files)).toBe(false);
  });

  test("Prosody finds ours before a module of the same name elsewhere", () => {
    expect(/^plugin_paths = \{ "([^"]+)"/m.exec(main)?.[1]).toBe(dirname(MODULE));
  });

  test("it is loaded on the participants' host, and on no other", () => {
    const loading = [...hosts].filter(([, text]) => text.includes('"audio_only"')).map(([name]) => name);
    expect(loading).toEqual(["meet.example.org"]);
    expect(main.slice(0, main.indexOf("VirtualHost "))).not.toContain("audio_only");
    expect(content(plan, "core", "/etc/prosody-jvb/prosody.cfg.lua")).not.toContain("audio_only");
  });

  test("jicofo and the bridges refuse it as well", () => {
    const jicofo = content(plan, "core", "/etc/jitsi/jicofo/jicofo.conf");
    expect(jicofo).toContain("conference.max-video-senders = 0");
    expect(jicofo.match(/^ *\w+\.enabled = true/gm)?.filter((line) => /vp8|vp9|av1|h264/.test(line))).toEqual(
      ["    vp8.enabled = true"],
    );
    const jvb = content(plan, "fra-1", "/etc/jitsi/videobridge/jvb.conf");
    expect(jvb).toMatch(/^ +jvb-last-n = 0\n +initial-last-n = 0$/m);
  });
});

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeComment } from "../../tools/previewComment";
import { hostKey } from "./configFixtures";
import { BRIDGE, command, CORE, group, PROSODY, urn, type State, type Step } from "./previewFixture";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "preview-comment-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function comment(steps: Step[], args: string[] = [], more: object = {}): string {
  const out = join(folder, "comment.md");
  const document = JSON.stringify({ steps, changeSummary: { same: 84 }, ...more });
  const outcome = writeComment(["--stack", "prod", "--out", out, ...args], document);
  expect([outcome.code, outcome.stderr]).toEqual([0, []]);
  return readFileSync(out, "utf8");
}

const lines = (count: number) => Array.from({ length: count }, (_, index) => `line ${index + 1}\n`).join("");

test("one line of a template: the line alone, with what is around it, and who notices it", () => {
  const old = lines(40);
  const step = command(
    "meet-core-prosody-files-prosody",
    PROSODY,
    group(old),
    group(old.replace("line 20\n", "line twenty\n"), "1b1b1b"),
  );
  const text = comment([step]);
  expect(text).toContain("1 to update, 84 unchanged.");
  expect(text).toContain("| core | prosody.service | everybody has to join again | not known |");
  expect(text).toContain("<summary>core: 1 difference</summary>");
  expect(text).toContain("**/etc/prosody/prosody.cfg.lua**");
  expect(text).toContain("-line 20\n+line twenty\n");
  expect(text).not.toContain("line 10\n");
  expect(text).not.toContain("group");
});

test("files that another step takes over are no change, but for what differs in them", () => {
  const named = (name: string, path: string, content: string, formerGroups?: string[]) => ({
    ...{
      ...group("a\n"),
      group: name,
      files: { [path]: group(content).files["/etc/prosody/prosody.cfg.lua"] },
    },
    ...(formerGroups && { formerGroups }),
  });
  const both = named("host", "/etc/rules", "rules\n", ["firewall", "kernel"]);
  Object.assign(both.files, named("kernel", "/etc/values", "more\n").files);
  const text = comment([
    command("meet-core-files-host", CORE, undefined, both),
    command("meet-core-files-firewall", CORE, named("firewall", "/etc/rules", "rules\n"), undefined),
    command("meet-core-files-kernel", CORE, named("kernel", "/etc/values", "values\n"), undefined),
  ]);
  expect(text).toContain("core: 1 difference, 2 other changes");
  expect(text).toContain("**/etc/values**");
  expect(text).toContain("-values\n+more\n");
  expect(text).toContain(
    "- step meet-core-files-host takes over the files of step meet-core-files-firewall\n",
  );
  expect(text).not.toMatch(/ is new| goes/);
});

/** The step that empties a bridge. */
function drained(op: "replace" | "delete"): Step {
  const manifest = { url: "http://127.0.0.1:8080", unit: "jitsi-videobridge2.service", deadlineMinutes: 60 };
  const step = command("meet-fra-1-drain", BRIDGE, manifest, op === "replace" ? manifest : undefined, op);
  for (const state of [step.oldState, step.newState])
    if (state) state.inputs["delete"] = "sudo -n timeout 3900 /usr/local/sbin/audio-meet drain";
  return step;
}

const bridgeGroup = (digest: string, version: string, more: object = { handOver: true }) => ({
  ...group(`${digest}\n`, digest),
  ...more,
  packages: { "jitsi-videobridge2": version },
  whoNotices: { "jitsi-videobridge2.service": `restarts with ${digest}: people on this bridge are moved` },
});

test("a bridge that goes, and one whose machine does, are emptied, which people notice; what starts on the new machine meets nobody", () => {
  const price = "people on this bridge are moved to others before it goes: a gap of 1 s";
  expect(comment([drained("delete")])).toContain(`| fra-1 | bridge (goes) | ${price}`);
  const files = command(
    "meet-fra-1-files-videobridge",
    BRIDGE,
    bridgeGroup("1a", "1"),
    bridgeGroup("1b", "1"),
    "replace",
  );
  const replaced = comment([drained("replace"), files]);
  expect(replaced).toContain(`| fra-1 | machine (replaced) | ${price}`);
  expect(replaced).not.toContain("| jitsi-videobridge2.service |");
});

test("an old machine that the up before did not come to remove goes, with who is on it; one that is just replaced is told once", () => {
  const left = { ...drained("delete"), op: "delete-replaced" };
  expect(comment([left])).toContain("| fra-1 | bridge (goes) | people on this bridge are moved");
  const both = comment([left, drained("replace")]);
  expect(both).toContain("| fra-1 | machine (replaced) |");
  expect(both).not.toContain("bridge (goes)");
});

test("a bridge that is parked is emptied, which people notice; one that stays parked or wakes meets nobody", () => {
  const [serving, parked] = [bridgeGroup("1a", "1"), bridgeGroup("1a", "1", { parks: {}, run: [] })];
  const step = (before: object, after: object) =>
    comment([command("meet-fra-1-files-videobridge", BRIDGE, before, { ...after, whoNotices: undefined })]);
  const price = "people on this bridge are moved to others before it goes: a gap of 1 s";
  expect(step(serving, parked)).toContain(`| fra-1 | bridge (is parked) | ${price}`);
  for (const text of [step(parked, { ...parked, files: {} }), step(parked, serving)])
    expect(text).not.toContain("people on this bridge are moved to others");
});

test("a bridge whose machine is switched off or on shows none of its files, which stay", () => {
  const inputs = (verb: string, document: object) => ({
    create: `sudo -n timeout 1800 /usr/local/sbin/audio-meet ${verb}`,
    stdin: JSON.stringify(document),
  });
  const step = (before: object, after: object) => {
    const one = command("meet-fra-1-files-videobridge", BRIDGE, {}, {});
    const given = (state: State | undefined, values: object): State => ({
      ...(state as State),
      inputs: { ...values },
    });
    return comment([{ ...one, oldState: given(one.oldState, before), newState: given(one.newState, after) }]);
  };
  const serving = inputs("files", bridgeGroup("1a", "1"));
  const off = inputs("drain", { url: "http://127.0.0.1:8080", unit: "jvb.service", deadlineMinutes: 10 });
  const [parked, woken] = [step(serving, off), step(off, serving)];
  const price = "people on this bridge are moved to others before it goes: a gap of 1 s";
  expect(parked).toContain(`| fra-1 | bridge (is parked) | ${price}`);
  expect(parked).toContain("stops the bridge; its machine is switched off, and keeps its files");
  expect(woken).toContain("brings the files of the bridge, whose machine was off, and starts it");
  expect(woken).not.toContain("people on this bridge");
  for (const text of [parked, woken]) expect(text).not.toContain("```diff");
});

test("another version of the bridges says what becomes of rooms until the last one has it, and only then", () => {
  const step = (to: string, more?: object) =>
    comment([
      command(
        "meet-fra-1-files-videobridge",
        BRIDGE,
        bridgeGroup("1a", "1", more),
        bridgeGroup("1b", to, more),
      ),
    ]);
  const words =
    "| people on this bridge are moved; a room on several bridges stays on those with the version before";
  expect(step("2")).toContain(words);
  expect(step("1")).toContain("| people on this bridge are moved |");
  // With one bridge there is nothing to mix.
  expect(step("2", {})).toContain("| people on this bridge are moved |");
});

test("a file that makes nothing restart disturbs nobody, and says so", () => {
  const text = comment([command("meet-core-prosody-files-prosody", PROSODY, group("a\n"), group("b\n"))]);
  expect(text).toContain("No daemon that people notice restarts.");
});

test("who owns a file and who may read it is a change like another", () => {
  const opened = group("a\n", "1b1b1b");
  opened.files["/etc/prosody/prosody.cfg.lua"].mode = "0644";
  const text = comment([command("meet-core-prosody-files-prosody", PROSODY, group("a\n"), opened)]);
  expect(text).toContain("-0640 root:prosody\n+0644 root:prosody\n");
});

test("a version: the line of the package, once on each host", () => {
  const packages = (version: string) => ({ releases: { jammy: { packages: { jicofo: version } } } });
  const host: [string, string] = ["jitsi:index:JitsiCore$jitsi:index:ManagedHost", "meet-core"];
  const text = comment([command("meet-core-packages", host, packages("1.0-1196-1"), packages("1.0-1200-1"))]);
  expect(text).toContain('-        "jicofo": "1.0-1196-1"\n+        "jicofo": "1.0-1200-1"\n');
});

test("a step that a repair runs again is named, with what people notice if its host differs", () => {
  const prosody = command("meet-core-prosody-files-prosody", PROSODY, group("a\n"), group("a\n"));
  const text = comment([{ ...prosody, diffReasons: ["create"] }]);
  expect(text).toContain("<summary>core: 1 other change</summary>");
  expect(text).toContain("- step meet-core-prosody-files-prosody runs again with the same data");
  expect(text).toContain(
    "| core | prosody.service | everybody has to join again, if what it reads differs on the host |",
  );
});

test("a step that only another login runs again says nothing of people", () => {
  const prosody = command("meet-core-prosody-files-prosody", PROSODY, group("a\n"), group("a\n"));
  const text = comment([{ ...prosody, diffReasons: ["connection"] }]);
  expect(text).toContain("- step meet-core-prosody-files-prosody runs again with the same data");
  expect(text).toContain("No daemon that people notice restarts.");
});

test("a secret is changed or it is not: neither it nor what could be it is shown", () => {
  const password = urn("jitsi:index:JitsiCore$jitsi:index:Credentials", "meet-core-credentials");
  const rotated = (rotation: string): State => ({
    ...{ type: "random:index/randomPassword:RandomPassword", parent: password },
    inputs: { keepers: { rotation }, length: 32 },
  });
  const text = comment([
    {
      op: "replace",
      urn: urn(
        "jitsi:index:JitsiCore$jitsi:index:Credentials$random:index/randomPassword:RandomPassword",
        "meet-core-credentials-turn",
      ),
      ...{ oldState: rotated("1"), newState: rotated("2"), diffReasons: ["keepers"] },
    },
    command("meet-core-secrets", CORE, "[secret]", "[secret]"),
  ]);
  expect(text).toContain("- RandomPassword meet-core-credentials-turn is replaced (keepers)");
  expect(text).toContain("- step meet-core-secrets runs again; its secrets are not shown");
  expect(text).not.toContain("```");
});

test("a new bridge: its steps by name, what it does to the core, capacity before and after", () => {
  const file = (name: string, bridges: string) => {
    const path = join(folder, name);
    const machines = `machines: { provider: existing, user: ubuntu }`;
    const core = `core: { address: 203.0.113.10, hostKey: "${hostKey()}" }`;
    writeFileSync(
      path,
      `config:\n  jitsi:domain: meet.example.org\n  jitsi:contact: ops@example.org\n  jitsi:regions:\n    - { name: eu, ${machines}, ${core}, videobridges: [${bridges}] }\n`,
    );
    return path;
  };
  const bridge = (id: string, address: string) =>
    `{ id: ${id}, address: ${address}, hostKey: "${hostKey()}" }`;
  const one = file("base.yaml", bridge("fra-1", "203.0.113.11"));
  const two = file(
    "head.yaml",
    [bridge("fra-1", "203.0.113.11"), bridge("fra-2", "203.0.113.12")].join(", "),
  );
  const text = comment(
    [
      command(
        "meet-fra-2-files-videobridge",
        ["jitsi:index:VideobridgeNode", "meet-fra-2"],
        undefined,
        group("new\n"),
      ),
    ],
    ["--stack-file", two, "--base-file", one],
  );
  expect(text).toContain("1 to create, 84 unchanged.");
  expect(text).toContain("<summary>fra-2: 1 other change</summary>");
  expect(text).toContain("- step meet-fra-2-files-videobridge is new");
  expect(text).toMatch(/^-meet\.example\.org: 2 hosts, 1 bridge, up to 220 participants/m);
  expect(text).toMatch(/^\+meet\.example\.org: 3 hosts, 2 bridges, up to 440 participants/m);
});

test("what is known during `up` only, and another helper, are named without their content", () => {
  const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
  const text = comment([
    command("meet-fra-1-files-videobridge", BRIDGE, group("a\n"), unknown),
    command("meet-fra-1-bootstrap", BRIDGE, { "cli.py": "old" }, { "cli.py": "new" }),
  ]);
  expect(text).toContain("- step meet-fra-1-files-videobridge runs again; its input is known during up only");
  expect(text).toContain("- step meet-fra-1-bootstrap: another version of the helper");
  expect(text).not.toContain(unknown);
  expect(text).not.toContain("cli.py");
});

test("the same preview in another order of steps is the same comment; the core comes first", () => {
  const steps = [
    command("meet-fra-1-files-videobridge", BRIDGE, group("a\n"), group("b\n", "1b1b1b")),
    command("meet-core-prosody-files-prosody", PROSODY, group("a\n"), group("b\n", "2b2b2b")),
    command(
      "meet-ams-1-drain",
      ["jitsi:index:VideobridgeNode", "meet-ams-1"],
      { deadlineMinutes: 60 },
      undefined,
    ),
  ];
  const text = comment(steps);
  expect(comment([...steps].reverse())).toBe(text);
  const headings = [...text.matchAll(/<summary>([\w-]+):/g)].map(([, name]) => name);
  expect(headings).toEqual(["core", "ams-1", "fra-1"]);
});

test("nothing changes: one sentence", () => {
  expect(comment([])).toBe("### Preview of prod\n\nNothing changes; 84 resources unchanged.");
});

test("a refused preview says what was refused, and not that nothing changes", () => {
  const diagnostics = [{ severity: "error", message: "jitsi:domain is missing\n" }];
  const text = comment([], [], { diagnostics });
  expect(text).toContain("**The preview failed:**\n\n```\njitsi:domain is missing\n```");
  expect(text).not.toContain("Nothing changes");
});

test("a text cannot end its fence, mention people or write HTML", () => {
  const text = comment(
    [
      command("meet-core-prosody-files-prosody", PROSODY, group("a\n"), group("```\n@everyone </details>\n")),
      command("meet-core-files-<img src=x>@everyone", CORE, undefined, group("a\n")),
    ],
    [],
  );
  expect(text).toContain("````diff");
  expect(text).not.toContain("<img");
  expect(text.replace(/````diff[^]*?````/g, "")).not.toContain("@everyone");
});

test("a long diff is folded, a comment that is too long is cut where nothing stays open, and the whole lies beside it", () => {
  const text = comment([
    command(
      "meet-core-prosody-files-prosody",
      PROSODY,
      group(lines(4000)),
      group(lines(4000).replaceAll("line", "row")),
    ),
  ]);
  expect(text.length).toBeLessThan(65_536);
  expect(text).toContain("<summary>/etc/prosody/prosody.cfg.lua: 8000 changed lines</summary>");
  expect(text).toMatch(
    /```\n\n<\/details>\n\n<\/details>\n\nToo long for a comment; the artifact of the run has the full text\.\n$/,
  );
  expect(readFileSync(join(folder, "comment.md.whole"), "utf8")).toContain("+row 4000\n");
});

test.each([
  ["no JSON", "error: no stack", /no JSON; make it with: pulumi preview --json/],
  ["another document", '{"steps": 3}', /no output of: pulumi preview --json/],
])("%s is refused in one line", (_, document, words) => {
  const { code, stderr } = writeComment(["--stack", "prod", "--out", join(folder, "x")], document);
  expect([code, stderr.length]).toEqual([1, 1]);
  expect(stderr[0]).toMatch(words);
});

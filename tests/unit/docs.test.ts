import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import * as YAML from "yaml";
import { groupsOf } from "../../services/onHost";
import { configReference } from "../../tools/configReference";
import { bridge, monitored, planWith, withRecorder } from "./servicesFixture";

const ROOT = join(__dirname, "..", "..");
const read = (file: string) => readFileSync(join(ROOT, file), "utf8");
const folder = (name: string) => readdirSync(join(ROOT, name));
const PAGES = [
  "README.md",
  "CONTRIBUTING.md",
  "HISTORY.md",
  ...folder("docs")
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
  "template/README.md",
  ...folder("examples").map((name) => `examples/${name}/README.md`),
];

/** Units that the files of a deployment with everything in it make, run, restart or reload. */
function units(): string[] {
  const certificate = { kind: "acme", server: "https://acme.example.org/directory", isTrial: false } as const;
  const plan = monitored(
    withRecorder(planWith([bridge("fra-1", 11)], { certificate, restarts: "whenEmpty" })),
  );
  const groups = plan.hosts.flatMap(({ id }) => groupsOf(plan, id));
  const files = groups.flatMap((group) => Object.entries(group.files));
  return [
    ...groups.flatMap(({ run }) => run),
    ...files.flatMap(([path, spec]) => [
      ...Object.keys(spec.units),
      ...(path.startsWith("/etc/systemd/system/") ? [basename(path)] : []),
    ]),
  ];
}

/** Blocks and spans of code of a page: the only places where a word is meant to be typed. */
function code(page: string): string[] {
  const blocks = [...page.matchAll(/^ *```[^\n]*\n([\s\S]*?)^ *```/gm)].map(([, block = ""]) => block);
  const rest = page.replaceAll(/^ *```[^\n]*\n[\s\S]*?^ *```/gm, "");
  return [...blocks, ...[...rest.matchAll(/`([^`]+)`/g)].map(([, span = ""]) => span)];
}

/** What the pages name by a pattern, each with its page: `page: name`. */
function named(pattern: RegExp): { name: string; page: string }[] {
  return PAGES.flatMap((page) =>
    code(read(page)).flatMap((text) => [...text.matchAll(pattern)].map(([, name = ""]) => ({ name, page }))),
  );
}

function unknown(pattern: RegExp, known: ReadonlySet<string>): string[] {
  const all = named(pattern);
  expect(all.length).toBeGreaterThan(3);
  return [...new Set(all.filter(({ name }) => !known.has(name)).map(({ name, page }) => `${page}: ${name}`))];
}

interface Alert {
  readonly alert: string;
  readonly annotations: { readonly summary: string; readonly action: string };
}
const ALERTS = (YAML.parse(read("monitoring/rules.yml")) as { groups: { rules: Alert[] }[] }).groups.flatMap(
  ({ rules }) => rules,
);

/** Units that the texts name behind a command, each with its place. */
function unitsIn(text: string, place: string): string[] {
  const commands = [
    ...text.matchAll(/\bjournalctl((?: -[^u\s]\S*)*(?: -u [a-z][\w-]*)+)/g),
    ...text.matchAll(
      /\bsystemctl (?:status|start|stop|restart|reload|cat|disable --now)((?: [a-z][\w-]*\d?)+)/g,
    ),
  ];
  return commands.flatMap(([, words = ""]) =>
    words
      .split(" ")
      .filter((word) => word.length > 2 && !word.startsWith("-"))
      .map((unit) => `${place}: ${unit}`),
  );
}

/** The place of a heading, as GitHub writes it. */
const anchor = (heading: string) =>
  heading
    .toLowerCase()
    .replaceAll(/[^\w\- ]/g, "")
    .replaceAll(" ", "-");

/** Where the links of a page lead, as paths from the root; those to the web left out. */
function links(page: string): string[] {
  const base = dirname(page);
  const text = read(page).replaceAll(/^ *```[^\n]*\n[\s\S]*?^ *```/gm, "");
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = ""]) => target)
    .filter((target) => !/^\w+:/.test(target))
    .map((target) => (target.startsWith("#") ? page + target : join(base, target)));
}

describe("the documentation names only what exists", () => {
  test("scripts of npm", () => {
    const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
    expect(unknown(/\bnpm run (?:--silent )?([a-z-]+)/g, new Set(Object.keys(scripts)))).toEqual([]);
  });

  test("targets of make", () => {
    const targets = [...read("Makefile").matchAll(/^([a-z-]+):/gm)].map(([, name = ""]) => name);
    expect(unknown(/(?:^|[ ;&(])make ([a-z][a-z-]*)/gm, new Set(targets))).toEqual([]);
  });

  test("verbs of the helper", () => {
    const table = read("host/audio_meet/verbs.py");
    const verbs = [...table.matchAll(/Verb\(\s*"([a-z-]+)"/g)].map(([, name = ""]) => name);
    expect(unknown(/(?:^|[ ;&(])audio-meet ([a-z][a-z-]*)/gm, new Set(verbs))).toEqual([]);
  });

  test("keys of the config", () => {
    const sections = configReference().split(/^## /m).slice(1);
    const keys = sections.flatMap((section) => {
      const within = /^[^\n]*`(jitsi:\w+)`/.exec(section)?.[1];
      const rows = [...section.matchAll(/^\| `([\w.:]+)`/gm)].map(([, key = ""]) => key);
      return rows.map((key) => (key.startsWith("jitsi:") ? key : `${within ?? ""}.${key}`));
    });
    const parents = keys.flatMap((key) =>
      key.split(".").map((_, at, parts) => parts.slice(0, at + 1).join(".")),
    );
    expect(
      unknown(
        /(?<![\w:])(jitsi:[a-zA-Z]+(?:\.[a-zA-Z0-9]+)*)(?![\w:])(?! is .*no such key)/g,
        new Set(parents),
      ),
    ).toEqual([]);
  });

  test("alerts", () => {
    const known = new Set(ALERTS.map(({ alert }) => alert));
    const texts = [
      ...PAGES,
      ...folder("docs/decisions").map((name) => `docs/decisions/${name}`),
      "monitoring/rules.yml",
    ];
    const found = texts.flatMap((page) =>
      [...read(page).matchAll(/\balert `?([A-Z][a-z]+[A-Z]\w+)/g)].map(([, name = ""]) => name),
    );
    expect(found.length).toBeGreaterThan(2);
    expect(found.filter((name) => !known.has(name))).toEqual([]);
  });

  test("units", () => {
    const known = new Set(units().map((unit) => unit.replace(/\.service$/, "")));
    const inPages = PAGES.flatMap((page) => code(read(page)).flatMap((text) => unitsIn(text, page)));
    const inAlerts = ALERTS.flatMap(({ alert, annotations }) =>
      code(annotations.action).flatMap((command) => unitsIn(command, alert)),
    );
    expect(inPages.length).toBeGreaterThan(20);
    expect(inAlerts.length).toBeGreaterThan(15);
    expect([...inPages, ...inAlerts].filter((one) => !known.has(one.split(": ")[1] ?? ""))).toEqual([]);
  });

  test("variables of the environment", () => {
    const sources = ["Makefile", "lab", "tests", "tools", "bench", "components", "templates"];
    const known = execFileSync("git", ["grep", "-hoE", "(AUDIO_MEET|LAB)_[A-Z_]+", "--", ...sources], {
      cwd: ROOT,
      encoding: "utf8",
    });
    expect(unknown(/\b((?:AUDIO_MEET|LAB)_[A-Z_]+)/g, new Set(known.split("\n")))).toEqual([]);
  });

  test("pages and headings that links lead to", () => {
    const all = PAGES.flatMap((page) => links(page).map((target) => ({ page, target })));
    expect(all.length).toBeGreaterThan(100);
    const broken = all.filter(({ target }) => {
      const [file = "", heading] = target.split("#");
      if (!existsSync(join(ROOT, file))) return true;
      if (heading === undefined) return false;
      const headings = [...read(file).matchAll(/^#+ (.*)$/gm)].map(([, words = ""]) => anchor(words));
      return !headings.includes(heading);
    });
    expect(broken).toEqual([]);
  });
});

describe("an alert", () => {
  test.each(ALERTS.map((alert) => [alert.alert, alert.annotations] as const))(
    "%s says what happened in whole sentences, and what to do with a command, a key or a page",
    (_name, { summary, action }) => {
      expect(summary).toMatch(/\.$/);
      expect(action).toMatch(/\.$/);
      expect(action).toMatch(/`[^`]+`|docs\/\w+\.md|jitsi:\w+|stack config/);
      for (const [page] of action.matchAll(/docs\/\w+\.md/g)) expect(existsSync(join(ROOT, page))).toBe(true);
    },
  );
});

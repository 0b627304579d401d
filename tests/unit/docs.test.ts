import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { configReference } from "../../tools/configReference";

const ROOT = join(__dirname, "..", "..");
const read = (file: string) => readFileSync(join(ROOT, file), "utf8");
const folder = (name: string) => readdirSync(join(ROOT, name));
const PAGES = [
  "README.md",
  "CONTRIBUTING.md",
  ...folder("docs")
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
  ...folder("examples").map((name) => `examples/${name}/README.md`),
];

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
});

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

const ROOT = join(__dirname, "..", "..");
const read = (file: string) => readFileSync(join(ROOT, file), "utf8");
const PAGE = read("docs/ARCHITECTURE.md");
const FILES = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
  cwd: ROOT,
  encoding: "utf8",
})
  .trim()
  .split("\n");

/** The code block behind a sentence of the page. */
function blockAfter(sentence: string): string {
  const at = PAGE.indexOf(sentence);
  expect(at).toBeGreaterThan(0);
  return /```\w*\n([\s\S]*?)```/.exec(PAGE.slice(at))?.[1] ?? "";
}

/** Paths of folders in the listing: indentation says which folder is within which. */
function listedFolders(): string[] {
  let parent = "";
  return blockAfter("The folders, as they are:")
    .split("\n")
    .flatMap((line) => {
      const names = /^ *[\w./]+\/(?:, [\w./]+\/)*(?= )/.exec(line)?.[0] ?? "";
      const isWithin = line.startsWith("  ");
      const paths = names
        .trim()
        .split(", ")
        .filter((name) => name !== "")
        .map((name) => (isWithin ? parent : "") + name.replace(/\/$/, ""));
      if (!isWithin && paths[0] !== undefined) parent = `${paths[0]}/`;
      return paths;
    });
}

/** Folders of the repository with so many parts, hidden ones apart. */
function folders(depth: number): string[] {
  const parts = FILES.map((file) => dirname(file).split("/")).filter(
    ([first = ""]) => !first.startsWith("."),
  );
  const deep = parts.filter((folder) => folder.length >= depth);
  return [...new Set(deep.map((folder) => folder.slice(0, depth).join("/")))];
}

/** The first part of a path: a folder, or a file beside them. */
const top = (path: string) => path.split("/")[0] ?? path;

/** What each folder imports of other ones, as TypeScript says it. */
function importsOf(folder: string): Set<string> {
  const sources = FILES.filter((file) => file.endsWith(".ts") && top(file) === folder);
  expect(sources.length).toBeGreaterThan(0);
  const imported = sources.flatMap((file) =>
    [...read(file).matchAll(/(?:\bfrom|\bimport|\bimport\(|\brequire\() ?"(\.[^"]+)"/g)].map(
      ([, path = ""]) => top(normalize(join(dirname(file), path))),
    ),
  );
  return new Set(imported.filter((name) => name !== folder));
}

describe("docs/ARCHITECTURE.md shows the tree as it is", () => {
  test("every folder at the top is listed, and every listed one exists", () => {
    const listed = listedFolders();
    const real = [...folders(1), ...folders(2)];
    expect(listed.filter((folder) => !real.includes(folder))).toEqual([]);
    expect(folders(1).filter((folder) => !listed.some((path) => top(path) === folder))).toEqual([]);
  });

  test("each folder of templates is called as the module of services that fills it", () => {
    const within = (folder: string) => folders(2).filter((path) => top(path) === folder);
    const modules = FILES.filter((file) => /^services\/\w+\.ts$/.test(file)).map((file) => file.slice(0, -3));
    const named = within("templates").map((path) => path.replace("templates/", "services/"));
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((path) => ![...modules, ...within("services")].includes(path))).toEqual([]);
  });

  test("where folders within one are listed, all of them are", () => {
    const listed = listedFolders();
    const parents = ["plan", "services", "components", "lab"];
    // services/<daemon>/ goes without saying: its templates have a folder of the same name.
    const all = folders(2);
    const isDaemon = (folder: string) => all.includes(folder.replace(/^services\//, "templates/"));
    const within = all.filter((folder) => parents.includes(top(folder)) && !isDaemon(folder));
    expect(within.filter((folder) => !listed.includes(folder))).toEqual([]);
  });

  test("the picture has the imports between folders, no more and no less", () => {
    const lines = blockAfter("Which folder imports which").split("\n").slice(1);
    const arrows = lines.flatMap((line) => {
      const [from = "", to] = line.trim().split(" --> ");
      return to === undefined ? [] : to.split(" & ").map((name) => `${from} --> ${name}`);
    });
    const drawn = [
      "index.ts",
      "components",
      "services",
      "plan",
      "config",
      "facts",
      "tools",
      "monitoring",
      "policy",
    ];
    const real = drawn.flatMap((folder) => [...importsOf(folder)].map((name) => `${folder} --> ${name}`));
    expect(arrows.sort()).toEqual(real.sort());
  });

  test("the helper's packages import what the table says", () => {
    const [, table = ""] = PAGE.split("The helper's packages (");
    const rows = [...(table.split("\n## ")[0] ?? "").matchAll(/^\| `(\w+)` +\|[^|]*\|([^|\n]*)\|$/gm)];
    const said = rows.map(([, name = "", imports = ""]) => [
      name,
      [...imports.matchAll(/`(\w+)`/g)].map(([, each = ""]) => each).sort(),
    ]);
    const modules = FILES.filter((file) => /^host\/audio_meet\/\w+\/.*\.py$/.test(file));
    const found = new Map<string, Set<string>>();
    for (const file of modules) {
      const name = file.split("/")[2] ?? "";
      const imports = found.get(name) ?? new Set();
      found.set(name, imports);
      const above = file.split("/").length - 2;
      for (const [, dots = "", path = ""] of read(file).matchAll(/^from (\.+)([\w.]+) import/gm))
        if (dots.length === above) imports.add(top(path.replaceAll(".", "/")));
    }
    const real = [...found].map(([name, imports]) => [
      name,
      [...imports].filter((one) => one !== "system").sort(),
    ]);
    expect(said.sort()).toEqual(real.sort());
  });
});

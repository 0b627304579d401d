import { loadConfig, type Json } from "../unit/configFixtures";
import { type Place, put } from "../unit/configPaths";
import { CHECKERS, missingForNginx, nginxComplaints, type Texts } from "./checkers";
import { filesOf, HOSTILE, MATRIX } from "./matrix";
import { isThere } from "./programs";

/** What ends a line, a text or a comment in one of the languages that a value is written in, or means something there. */
const VALUES = [
  ...HOSTILE,
  ...[
    "a\nINJECTED = 1",
    "a\r\nINJECTED=/bin/false",
    "a\u2028INJECTED",
    "a\u2029INJECTED",
    "a\u0085INJECTED",
    "a\u0000INJECTED",
    "a\u001bb",
    "a\tb",
  ],
  ...["${HOME}", "${?HOME}", "$HOME", "$(id)", "`id`", "%n", "%i%H%%", "{{x}}", "{{{x}}}", "{{#x}}"],
  ...[
    'include "/etc/passwd"',
    "a; include /etc/passwd;",
    "a;\nINJECTED; }",
    '" }',
    "a # b",
    "// b",
    "*/",
    "]]",
    "--[[ b",
  ],
  ...[
    "\\",
    "a\\",
    '"',
    "'",
    "a\\\n",
    "\ufeffa",
    "\ud800",
    "\udc00a",
    "a,b",
    "a b",
    '<!--#include file="/etc/passwd" -->',
  ],
  ...[
    "</script>",
    "a\u202eb",
    "a\u200bb",
    "ａ",
    "-a",
    "a*",
    "a=b",
    "a:b",
    "[a]",
    "{a}",
    "&a",
    "!a",
    "|",
    ">",
    "@a",
    "~",
    "null",
    "on",
  ],
];

/** Configurations that are accepted, in which each key with a text of somebody's choice is there once. */
const CONFIGS = [
  ...["two regions of servers", "machines behind a proxy", "machines of EC2", "access: moderated"],
  ...["access: token by secret", "access: token by JWKS", "access: token by key server"],
  ...["certificate: another authority", "feature: all on, with limits"],
].map((name): Json => MATRIX[name] ?? {});

/** Every text in a value, by the steps to it. */
function textsIn(value: unknown, path: Place["path"] = []): { path: Place["path"]; text: string }[] {
  if (typeof value === "string") return [{ path, text: value }];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    textsIn(inner, [...path, Array.isArray(value) ? Number(key) : key]),
  );
}

/** Each different place once, whatever configuration it stands in. */
const PLACES = [
  ...new Map(
    CONFIGS.flatMap((config) =>
      textsIn(config).map(({ path, text }) => [
        path.map((step) => (typeof step === "number" ? "*" : step)).join("."),
        { config, path, text },
      ]),
    ),
  ),
];

/** Configurations with one hostile value that are accepted: in place of a text that is there, or else behind it. */
function accepted(): [name: string, config: Json][] {
  return PLACES.flatMap(([name, { text, ...place }]) =>
    VALUES.flatMap((value): [string, Json][] => {
      const hostile = [value, `${text}${value}`].find(
        (one) => loadConfig(put(place, one)).settings !== undefined,
      );
      return hostile === undefined ? [] : [[`${name} ${JSON.stringify(hostile)}`, put(place, hostile)]];
    }),
  );
}

const NOT_HERE = new Set(CHECKERS.flatMap(({ needs }) => needs).filter((need) => !isThere(need)));
if (NOT_HERE.size > 0)
  test.skip(`some files of hostile values (skipped: needs ${[...NOT_HERE].join(", ")})`, () => undefined);

/** What the real parsers say about all different texts of files; each is read once. */
async function complaints(all: [name: string, files: Texts][]): Promise<string[]> {
  const seen = new Map<string, [name: string, path: string, text: string]>();
  for (const [name, files] of all)
    for (const [path, text] of Object.entries(files)) seen.set(`${path}\0${text}`, [name, path, text]);
  const said: string[] = [];
  for (const [name, path, text] of seen.values()) {
    const checker = CHECKERS.find(({ matches }) => matches.test(path));
    if (checker === undefined || !checker.needs.every(isThere)) continue;
    said.push(...(await checker.complaints(text, path)).map((one) => `${name} in ${path}: ${one}`));
  }
  return said;
}

test("text that means something in a file is refused, or every real parser reads the files as before", async () => {
  const all = accepted();
  const files = all.flatMap(([name, config]) =>
    Object.values(filesOf(config)).map((texts): [string, Texts] => [name, texts]),
  );
  const places = new Set(all.map(([name]) => name.split(" ")[0]));
  console.info(`${PLACES.length} texts; ${all.length} hostile values in ${places.size} of them are accepted`);
  expect(places.size).toBeGreaterThan(5);
  // A text of HTML may well have lines.
  const injected = files.flatMap(([name, texts]) =>
    Object.entries(texts)
      .filter(([path, text]) => !path.endsWith(".html") && /^\s*INJECTED/m.test(text))
      .map(([path]) => `${name} in ${path}`),
  );
  expect(injected).toEqual([]);
  expect(await complaints(files)).toEqual([]);
  const served = files.map(([, texts]) =>
    Object.entries(texts).filter(([path]) => path.startsWith("/etc/nginx/")),
  );
  const sets = [...new Map(served.map((set) => [JSON.stringify(set), Object.fromEntries(set)])).values()];
  for (const set of sets)
    if (Object.keys(set).length > 0 && missingForNginx(set).length === 0)
      expect(nginxComplaints(set)).toEqual([]);
}, 300_000);

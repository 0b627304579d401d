import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { formatErrors } from "../../config/errors";
import { load } from "../../config/load";
import { type BadCase, good, set, testBad } from "./configBad";
import { recordOf } from "./configFixtures";

const SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 2 1"><path d="M0 0h2v1z"/></svg>';
/** A PNG of one pixel. */
const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==",
  "base64",
);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "logo-"));
  mkdirSync(join(folder, "brand"));
  const files: Record<string, string | Buffer> = {
    "logo.svg": SVG,
    "drawn.svg": `\uFEFF<?xml version="1.0"?>\n<!-- <svg> by hand -->\n<!DOCTYPE svg PUBLIC "x" "y" [ <!ENTITY a "b"> ]>\n${SVG}`,
    "brand/logo.png": PNG,
    "picture.jpg": Buffer.from("ffd8ffe000104a464946", "hex"),
    "page.svg": `<html>${SVG}</html>`,
    "bare.svg": "<svg viewBox='0 0 2 1'></svg>",
    "endless.svg": `<?${"<?".repeat(40_000)}`,
    "huge.svg": SVG.replace("0h2", `0h2${" ".repeat(100_000)}`),
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  symlinkSync("/nonexistent", join(folder, "gone.svg"));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const loaded = (logo: unknown, more: object = {}) =>
  load(recordOf({ ...good, web: { logo, ...more } }), new Set(), folder);

describe("a logo", () => {
  test.each([
    ["./logo.svg", "svg", SVG],
    ["logo.svg", "svg", SVG],
    ["drawn.svg", "svg", /^\uFEFF<\?xml/],
    ["brand/logo.png", "png", PNG],
  ] as const)("%s is read as it lies beside the stack file", (path, kind, content) => {
    const { settings } = loaded(path);
    const logo = settings?.web.logo;
    if (logo === undefined || "url" in logo) throw new Error("no file was read");
    expect(logo.kind).toBe(kind);
    const bytes = Buffer.from(logo.base64, "base64");
    if (content instanceof RegExp) expect(bytes.toString("utf8")).toMatch(content);
    else expect(bytes.equals(Buffer.from(content))).toBe(true);
  });

  test("elsewhere is an address, which nobody asks now", () => {
    const url = "https://www.example.org/brand/logo.svg?v=2";
    expect(loaded(url).settings?.web.logo).toEqual({ url });
  });

  test("is left out as it was before", () => {
    const { settings } = load(recordOf(good), new Set(), folder);
    expect(settings?.web).not.toHaveProperty("logo");
  });

  test.each([
    ["./lost.svg", /which does not exist/],
    ["gone.svg", /which does not exist/],
    ["brand", /^jitsi:web\.logo is text .*, which cannot be read/],
    ["huge.svg", /which has 100\d\d\d bytes/],
    ["picture.jpg", /neither an svg nor a png/],
    ["page.svg", /neither an svg nor a png/],
    ["bare.svg", /neither an svg nor a png/],
    ["endless.svg", /neither an svg nor a png/],
  ])("%s is one clear error", (path, finding) => {
    const said = formatErrors(loaded(path).errors ?? []);
    expect(said.split("\n")).toHaveLength(3);
    if (path.includes(".")) expect(said).toContain(`jitsi:web.logo is ${JSON.stringify(path)}, which`);
    expect(said).toMatch(finding);
    expect(said).toMatch(/at most 100 kB in the folder of the stack file/);
  });

  test("and another mistake come together", () => {
    const keys = loaded("lost.svg", { language: "German" }).errors?.map(({ key }) => key);
    expect(keys?.sort()).toEqual(["jitsi:web.language", "jitsi:web.logo"]);
  });
});

testBad([
  ...[
    "",
    "/etc/logo.svg",
    "../logo.svg",
    "brand/../../logo.svg",
    "http://www.example.org/logo.svg",
    "https://user:secret@www.example.org/logo.svg",
    "https://www.example.org/logo (1).svg",
    "https://www.example.org/logo.svg);background:url(x",
    "data:image/svg+xml,<svg/>",
    "javascript:alert(1)",
  ].map((logo): BadCase => [
    `a logo at ${JSON.stringify(logo)}`,
    set(["web"], { logo }),
    "jitsi:web.logo",
    /^is /,
    /in the folder of the stack file, or an https address/,
    /\.\/logo\.svg/,
  ]),
  ...[
    "http://www.example.org/",
    "www.example.org/privacy",
    "javascript:alert(1)",
    "https://a:b@c.example/",
  ].map((url): BadCase => [
    `a link to ${url}`,
    set(["web"], { links: { imprint: url } }),
    "jitsi:web.links.imprint",
    /^is /,
    /https address without user/,
    /https:\/\/www\.example\.org\/imprint/,
  ]),
  [
    "a link by another name",
    set(["web"], { links: { impressum: "https://www.example.org/" } }),
    "jitsi:web.links.impressum",
    /no such key/,
    /allowed keys are privacy, imprint, terms, help/,
    /one of these/,
  ],
]);

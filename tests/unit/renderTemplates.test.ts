import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { hocon, lua } from "../../services/escapers";
import { render, renderText, type View } from "../../services/render";

const show = (text: string, view: View) => renderText("t", text, view, lua);

test("a value comes out as a literal of the language, quotes included", () => {
  expect(show("a = {{a}}\nb = {{b}}\nc = {{c}}\n", { a: 'x"y', b: 5, c: true })).toBe(
    'a = "x\\"y"\nb = 5\nc = true\n',
  );
  expect(renderText("t", "a = {{a}}", { a: "${X}" }, hocon)).toBe('a = "${X}"');
});

test("a name that the view lacks is an error, also in a section that is not shown", () => {
  expect(() => show("{{a}} {{b}}", { a: 1 })).toThrow('template t: "b" is missing in the view');
  expect(() => show("{{#on}}{{b}}{{/on}}", { on: false })).toThrow('"b" is missing');
  expect(() => show("{{#list}}{{b}}{{/list}}", { list: [{ a: 1 }] })).toThrow('"b" is missing');
});

test("a name that the template does not use is an error, also in one item of a list", () => {
  expect(() => show("{{a}}", { a: 1, b: 2 })).toThrow('the view has "b", the template does not use it');
  expect(() => show("{{#list}}{{a}}{{/list}}", { list: [{ a: 1, b: 2 }] })).toThrow('the view has "list.b"');
});

test("a name of an outer view inside a section counts as used there", () => {
  const view = { port: 7, list: [{ a: "x" }, { a: "y" }] };
  expect(show("{{#list}}{{a}}:{{port}} {{/list}}", view)).toBe('"x":7 "y":7 ');
});

test.each(["{{{a}}}", "{{&a}}", "{{> a}}"])("%s goes around the escaper: an error", (text) => {
  expect(() => show(text, { a: "x" })).toThrow("goes around the escaper");
});

test("a list is shown by a section only", () => {
  expect(() => show("{{a}}", { a: [] })).toThrow('"a" is a list; use a section');
});

test("a value is never taken for a template", () => {
  expect(show("{{a}}", { a: "{{b}}" })).toBe('"{{b}}"');
});

test("a template that is not there is an error", () => {
  expect(() => render("prosody/none", {}, lua)).toThrow("none.mustache");
});

test("no template has a tag that goes around the escaper", () => {
  const root = join(__dirname, "../../templates");
  const paths = readdirSync(root, { recursive: true, encoding: "utf8" }).filter((path) =>
    path.endsWith(".mustache"),
  );
  expect(paths.length).toBeGreaterThan(8);
  for (const path of paths) expect(readFileSync(join(root, path), "utf8")).not.toMatch(/\{\{[{&>=]/);
});

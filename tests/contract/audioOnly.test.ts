import { join } from "node:path";
import fc from "fast-check";
import { lua } from "../../services/escapers";
import { JINGLE, notAudio, RTP, SSMA, type Xml } from "./jicofoModel";
import { run, testWith } from "./programs";
import { LUAS } from "./prosodyLua";

const MODULE = join(__dirname, "..", "..", "templates", "prosody", "mod_audio_only.lua");

/** Just enough of Prosody: elements as its parser makes them, the one hook, and the result as JSON. */
const HARNESS = `
  local hooks = {}
  module = { hook = function(_, name, handler) hooks[name] = handler end, log = function() end }
  assert(loadfile(${lua(MODULE)}))()
  function E(name, attr, ...)
    local element = { name = name, attr = attr, tags = {}, ... }
    for i, child in ipairs(element) do element.tags[i] = child end
    return element
  end
  local function json(element)
    local attrs, children = {}, {}
    for key, value in pairs(element.attr) do
      if key ~= "xmlns" then attrs[#attrs + 1] = ("%q:%q"):format((key:gsub("\\1", "|")), value) end
    end
    assert(#element == #element.tags)
    for i, child in ipairs(element) do
      assert(child == element.tags[i])
      children[i] = json(child)
    end
    return ('{"name":%q,"ns":%q,"attrs":{%s},"children":[%s]}'):format(
      element.name, element.attr.xmlns, table.concat(attrs, ","), table.concat(children, ","))
  end
  function try(iq)
    hooks["pre-iq/full"]({ origin = {}, stanza = iq })
    print(json(iq))
  end
`;

function constructor({ name, ns, attrs, children }: Xml): string {
  const pairs = Object.entries({ xmlns: ns, ...attrs }).map(
    ([key, value]) => `[${lua(key.replace("|", "\u0001"))}]=${lua(value)}`,
  );
  return `E(${[lua(name), `{${pairs.join(",")}}`, ...children.map(constructor)].join(",")})`;
}

/** What becomes of queries on their way through the module. */
function filtered(queries: Xml[], interpreter = "lua5.4"): Xml[] {
  const script = HARNESS + queries.map((query) => `try(${constructor(query)})\n`).join("");
  const { code, output } = run(interpreter, ["-"], script);
  if (code !== 0) throw new Error(output);
  return output
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Xml);
}

const make = (name: string, ns: string, attrs: Record<string, string>, ...children: Xml[]): Xml => ({
  name,
  ns,
  attrs,
  children,
});
const source = () => make("source", SSMA, { ssrc: "1" });
const description = (media: string, ...children: Xml[]) => make("description", RTP, { media }, ...children);
const content = (name: string, ...children: Xml[]) => make("content", JINGLE, { name }, ...children);
const jingle = (action: string, ...children: Xml[]) => make("jingle", JINGLE, { action }, ...children);

/** A query of a browser that announces audio, and has a place for video without a source. */
function honest(action: string): Xml {
  const list = make("group", "urn:xmpp:jingle:apps:grouping:0", {}, content("audio"), content("video"));
  const audio = content("audio", description("audio", source(), make("ssrc-group", SSMA, {}, source())));
  return make("iq", "jabber:client", {}, jingle(action, list, audio, content("video", description("video"))));
}

/** What somebody may put in anywhere: video, and elements that end another one early or hide what is in them. */
const ADDITIONS: (() => Xml)[] = [
  source,
  () => make("jingle", "urn:x", {}),
  () => make("content", "urn:x", {}),
  () => make("description", "urn:x", {}),
  () => description("video"),
  () => description("video", source()),
  () => make("a", "urn:x", {}, description("video")),
  () => make("a", "urn:x", {}, source()),
  () => jingle("source-add", content("video", description("video", source()))),
];

interface Edit {
  where: number;
  what: number;
  first: boolean;
}

/** The query with changes: an addition each, or an attribute that says something else, somewhere. */
function edited(query: Xml, edits: Edit[]): Xml {
  for (const { where, what, first } of edits) {
    const targets = elementsOf(query).filter(({ name }) => /^(iq|jingle|content|description)$/.test(name));
    const target = targets[where % targets.length] ?? query;
    const addition = ADDITIONS[what]?.();
    if (addition === undefined) {
      const key = target.name === "content" ? "name" : "media";
      target.attrs[first ? key : `urn:x|${key}`] = "video";
    } else if (first) target.children.unshift(addition);
    else target.children.push(addition);
  }
  return query;
}

function elementsOf(element: Xml): Xml[] {
  return [element, ...element.children.flatMap(elementsOf)];
}

const edit = fc.record({ where: fc.nat(100), what: fc.nat(ADDITIONS.length), first: fc.boolean() });
const query = fc
  .tuple(
    fc.constantFrom("source-add", "session-accept", "session-info"),
    fc.array(edit, { minLength: 1, maxLength: 4 }),
  )
  .map(([action, edits]) => edited(honest(action), edits));
const queries = fc.array(query, { minLength: 400, maxLength: 400 });

describe.each(LUAS)("on %s", (interpreter) => {
  testWith([interpreter], "what a browser announces as audio stays as it is", () => {
    expect(notAudio(honest("source-add"))).toEqual([]);
    expect(filtered([honest("source-add")], interpreter)).toEqual([honest("source-add")]);
  });

  testWith([interpreter], "a source of video is taken out", () => {
    const video = () => jingle("source-add", content("video", description("video", source())));
    const left = filtered([make("iq", "jabber:client", {}, video())], interpreter);
    expect(left.flatMap(elementsOf).some(({ name }) => name === "source")).toBe(false);
    expect(left.flatMap(elementsOf).some(({ name }) => name === "description")).toBe(true);
  });
});

testWith(
  ["lua5.4"],
  "however elements are put together, jicofo finds no video in what the module leaves",
  () => {
    let tried = 0;
    fc.assert(
      fc.property(queries, (sent) => {
        tried += sent.filter((query) => notAudio(query).length > 0).length;
        const left = filtered(sent);
        for (const query of left) expect(notAudio(query)).toEqual([]);
        expect(filtered(left)).toEqual(left);
      }),
      { numRuns: 8, endOnFailure: true },
    );
    // Otherwise nothing was tried.
    expect(tried).toBeGreaterThan(100);
  },
);

testWith(["lua5.4"], "a hundred thousand sources beside or below one another take less than a second", () => {
  const script = (body: string) => `${HARNESS}
    local function iq(description)
      local content = E("content", { xmlns = ${lua(JINGLE)}, name = "video" }, description)
      return E("iq", { xmlns = "jabber:client" }, E("jingle", { xmlns = ${lua(JINGLE)}, action = "source-add" }, content))
    end
    ${body}`;
  const wide = `local d = E("description", { xmlns = ${lua(RTP)}, media = "video" })
    for i = 1, 100000 do d[i] = E("source", { xmlns = ${lua(SSMA)} }); d.tags[i] = d[i] end
    local began = os.clock(); hooks["pre-iq/full"]({ origin = {}, stanza = iq(d) }); print(#d, #d.tags, os.clock() - began < 1)`;
  const deep = `local top = E("source", { xmlns = ${lua(SSMA)} })
    for i = 1, 100000 do top = E("a", { xmlns = "urn:a" }, top) end
    local began = os.clock(); hooks["pre-iq/full"]({ origin = {}, stanza = iq(top) })
    while top.tags[1] do top = top.tags[1] end; print(top.name, os.clock() - began < 1)`;
  expect(run("lua5.4", ["-"], script(wide))).toEqual({ code: 0, output: "0\t0\ttrue\n" });
  expect(run("lua5.4", ["-"], script(deep))).toEqual({ code: 0, output: "a\ttrue\n" });
});

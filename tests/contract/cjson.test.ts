import { lua } from "../../services/escapers";
import { testWith } from "./programs";
import { LUAS, NEEDS_PROSODY, runInProsody } from "./prosodyLua";

/** An expression of Lua, and the JSON that lua-cjson 2.1 makes of it; undefined where it refuses to. */
const ENCODED: [what: string, value: string, text: string | undefined][] = [
  ["a text with what must be escaped", String.raw`'"\\\n\0\127é/'`, String.raw`"\"\\\n\u0000\u007fé/"`],
  ["an array", "{ 1, 'a', true }", '[1,"a",true]'],
  ["an object", "{ a = { b = 1 } }", '{"a":{"b":1}}'],
  ["an empty table", "{}", "{}"],
  ["an empty array of Prosody's", "require('util.array')()", "{}"],
  ["an array of Prosody's", "require('util.array'){ 1, 2 }", "[1,2]"],
  ["a small gap", "{ [1] = 1, [3] = 3 }", "[1,null,3]"],
  ["a large gap", "{ [1] = 1, [30] = 3 }", undefined],
  ["numbers for keys beside others", "{ [1] = 1, [0] = 0 }", '{"0":0,"1":1}'],
  ["null", "{ a = cjson.null }", '{"a":null}'],
  ["null of Prosody's", "{ a = require('util.json').null }", '{"a":null}'],
  ["milliseconds since 1970", "1795003600123", "1795003600123"],
  ["a whole number after a division", "10 / 2", "5"],
  ["a fraction", "0.1", "0.1"],
  ["not a number", "{ a = 0 / 0 }", undefined],
  ["infinity", "math.huge", undefined],
  ["a function", "print", undefined],
  ["a truth for a key", "{ [true] = 1 }", undefined],
  ["itself", "(function () local t = {}; t.t = t; return t end)()", undefined],
];

/** A text, and what must be true of `value`, the result of decoding it; undefined where it is no JSON. */
const DECODED: [what: string, text: string, truth: string | undefined][] = [
  [
    "an array without Prosody's methods",
    '{"a":[1,"x"]}',
    "value.a[2] == 'x' and value.a.map == nil and #value.a == 2",
  ],
  ["null, which is no table", '{"a":null}', "value.a == cjson.null and type(value.a) ~= 'table'"],
  ["null alone", "null", "value == cjson.null"],
  ["an escape", String.raw`"é😀\n"`, "value == 'é😀\\n'"],
  ["a number", "12.5", "value == 12.5"],
  ["false", "false", "value == false"],
  ["a habit of Prosody's that is not JSON", '{"__hash":[1,2],"__array":[3]}', "next(value) == nil"],
  ["nothing", "", undefined],
  ["half an object", '{"a":', undefined],
  ["a comma too many", "[1,]", undefined],
  ["words after the end", "{} x", undefined],
  ["a thing that only looks like a list", '{"__array":5}', undefined],
  ["too deep a structure", "[".repeat(1001), undefined],
];

function answers(interpreter: string, lines: string[]): string[] {
  const script = `local cjson, safe = require("cjson"), require("cjson.safe")\n${lines.join("\n")}`;
  const { code, output } = runInProsody(interpreter, script);
  if (code !== 0) throw new Error(output);
  return output.split("\n").slice(0, -1);
}

describe.each(LUAS)("on %s", (interpreter) => {
  testWith([interpreter, NEEDS_PROSODY], "a value becomes what lua-cjson makes of it", () => {
    const sorted =
      "local function keys(s) local t = {} for c in s:gmatch('.') do t[#t + 1] = c end table.sort(t) return table.concat(t) end";
    const lines = ENCODED.map(([, value, text]) =>
      text === undefined
        ? `do local text, why = safe.encode(${value}); print(text == nil and type(why) == "string" and not pcall(cjson.encode, ${value})) end`
        : // The order of keys is nobody's.
          `print(keys(cjson.encode(${value})) == keys(${lua(text)}) and safe.encode(${value}) == cjson.encode(${value}))`,
    );
    const said = answers(interpreter, [sorted, ...lines]);
    expect(ENCODED.map(([what], index) => [what, said[index]])).toEqual(
      ENCODED.map(([what]) => [what, "true"]),
    );
  });

  testWith([interpreter, NEEDS_PROSODY], "a text becomes what lua-cjson makes of it", () => {
    const lines = DECODED.map(([, text, truth]) =>
      truth === undefined
        ? `do local value, why = safe.decode(${lua(text)}); print(value == nil and type(why) == "string" and not pcall(cjson.decode, ${lua(text)})) end`
        : `do local value = safe.decode(${lua(text)}); print(${truth}) end`,
    );
    const said = answers(interpreter, lines);
    expect(DECODED.map(([what], index) => [what, said[index]])).toEqual(
      DECODED.map(([what]) => [what, "true"]),
    );
  });

  testWith(
    [interpreter, NEEDS_PROSODY],
    "what is no text is no JSON, and nobody raises an error about it",
    () => {
      expect(
        answers(interpreter, ["print((safe.decode(nil)), (safe.decode({})), (safe.decode(print)))"]),
      ).toEqual(["nil\tnil\tnil"]);
    },
  );
});

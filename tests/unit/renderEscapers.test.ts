import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { env, hocon, lua, nft, systemd } from "../../services/escapers";

// eslint-disable-next-line no-control-regex -- an environment file cannot hold these
const CONTROLS = /[\u0000-\u001f\u007f]/g;

/** Texts with what quoting gets wrong: quotes, backslashes, digits after controls, dollar signs, line ends. */
const nasty = fc.string({
  unit: fc.oneof(
    fc.constantFrom(
      '"',
      "'",
      "\\",
      "$",
      "`",
      "{",
      "}",
      "%",
      "\n",
      "\r",
      "\t",
      "\0",
      "\u007f",
      "0",
      "7",
      "#",
      " ",
      "é",
      "\u2028",
      "😀",
    ),
    fc.string({ unit: "grapheme", minLength: 1, maxLength: 1 }),
  ),
});

test("HOCON strings are JSON strings, which HOCON contains, without control characters", () => {
  fc.assert(
    fc.property(nasty, (value) => {
      expect(JSON.parse(hocon(value))).toBe(value);
      // eslint-disable-next-line no-control-regex -- control characters are what this looks for
      expect(hocon(value)).not.toMatch(/[\u0000-\u001f\u007f]/);
    }),
  );
});

test("a shell reads every line of an environment file as it was meant", () => {
  const printable = nasty.map((value) => value.replace(CONTROLS, ""));
  fc.assert(
    fc.property(fc.array(printable, { minLength: 1, maxLength: 50 }), (values) => {
      const script = values.map((value, n) => `V${n}=${env(value)}\nprintf '%s\\0' "$V${n}"`).join("\n");
      const output = execFileSync("bash", ["-s"], { input: script, encoding: "utf8" });
      expect(output.split("\0").slice(0, -1)).toEqual(values);
    }),
    { numRuns: 20 },
  );
});

test("what a language has no word for is refused, not bent", () => {
  for (const value of ["a\nb", "a\0b"])
    expect(() => env(value)).toThrow("cannot be written in an environment file");
  for (const value of ["", "a b", 'a"b', "a\nb", "$x", "a\\b"])
    expect(() => systemd(value)).toThrow("unit file");
  for (const value of ["", "a b", "a;b", "a}b", "$x", "10.0.0.1, 10.0.0.2"])
    expect(() => nft(value)).toThrow("nftables");
});

test("a bare word of a unit file or a rule is the word, with systemd's specifiers disarmed", () => {
  expect(systemd("/run/prosody-jvb/a@b.sock")).toBe("/run/prosody-jvb/a@b.sock");
  expect(systemd("/x/%i")).toBe("/x/%%i");
  expect(nft("2001:db8::3")).toBe("2001:db8::3");
});

test("numbers and switches are bare where the language has them", () => {
  expect([lua(15222), hocon(0.0035), lua(true), hocon(false)]).toEqual(["15222", "0.0035", "true", "false"]);
  expect(() => lua(Number.NaN)).toThrow("not a number");
  expect(() => hocon(Infinity)).toThrow("not a number");
});

test("a Lua string has no character that ends it or the line", () => {
  fc.assert(
    fc.property(nasty, (value) => {
      // eslint-disable-next-line no-control-regex -- control characters are what this looks for
      expect(lua(value)).toMatch(/^"(?:[^"\\\u0000-\u001f\u007f]|\\["\\]|\\\d{3})*"$/u);
    }),
  );
});

import * as fc from "fast-check";
import { Script } from "node:vm";
import { js, lua, shell, yaml } from "../../services/escapers";
import { run, testWith } from "./programs";
import { LUAS } from "./prosodyLua";

/** Texts of what ends a text or a line somewhere, and of any letters. */
const nasty = fc.string({
  unit: fc.oneof(
    fc.constantFrom(...['"', "'", "\\", "$", "${", "`", "%", "\n", "\r\n", "\t", "\0", "\u007f", "\u001b"]),
    fc.constantFrom(
      ...[
        "\u0085",
        "\u2028",
        "\u2029",
        "\ufeff",
        "]]",
        "--[[",
        "*/",
        "</script>",
        "<!--",
        "#",
        "0",
        "{{",
        ": ",
        "- ",
      ],
    ),
    fc.string({ unit: "grapheme", minLength: 1, maxLength: 1 }),
  ),
});
const many = fc.array(nasty, { minLength: 1, maxLength: 50 });
const hex = (text: string) => Buffer.from(text).toString("hex");

describe.each(LUAS)("%s", (interpreter) => {
  testWith([interpreter], "reads every text as it was meant", () => {
    fc.assert(
      fc.property(many, (texts) => {
        const list = texts.map((text) => lua(text)).join(", ");
        const script = `for _, s in ipairs { ${list} } do
          print((s:gsub(".", function (c) return ("%02x"):format(c:byte()) end)))
        end`;
        expect(run(interpreter, ["-"], script).output).toBe(texts.map((text) => `${hex(text)}\n`).join(""));
      }),
      { numRuns: 20 },
    );
  });
});

const CAN_READ_YAML = run("python3", ["-c", "import yaml"]).code === 0;

/** PyYAML reads YAML 1.1 as Prometheus and Alertmanager do, in which more than one letter ends a line. */
(CAN_READ_YAML ? test : test.skip)(
  `YAML 1.1 has every text as it was meant${CAN_READ_YAML ? "" : " (skipped: needs PyYAML)"}`,
  () => {
    const script =
      "import sys, yaml\nfor t in yaml.safe_load(sys.stdin.buffer.read()): print(t.encode().hex())";
    fc.assert(
      fc.property(many, (texts) => {
        const document = texts.map((text) => `- ${yaml(text)}\n`).join("");
        expect(run("python3", ["-c", script], document).output).toBe(
          texts.map((text) => `${hex(text)}\n`).join(""),
        );
      }),
      { numRuns: 20 },
    );
  },
);

test("JavaScript has every text as it was meant, and none ends the element that it stands in", () => {
  fc.assert(
    fc.property(nasty, (text) => {
      expect(new Script(js(text)).runInNewContext()).toBe(text);
      expect(js(text)).not.toMatch(/<\/|<!--|[\n\u2028\u2029]/);
    }),
  );
});

test("a shell has every text as it was meant, or it is refused", () => {
  fc.assert(
    fc.property(many, (texts) => {
      // eslint-disable-next-line no-control-regex -- a shell script cannot hold these
      const clean = texts.map((text) => text.replace(/[\u0000-\u001f\u007f]/g, ""));
      const script = clean.map((text) => `printf '%s\\n' ${shell(text)}`).join("\n");
      expect(run("sh", ["-s"], script).output).toBe(clean.map((text) => `${text}\n`).join(""));
    }),
    { numRuns: 20 },
  );
  expect(() => shell("a\nb")).toThrow("shell script");
});

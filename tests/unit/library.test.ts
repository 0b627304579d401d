import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { ComponentProvider } from "@pulumi/pulumi/provider/experimental/provider";
import { AudioMeet } from "../../components";
import { argumentTypes, ARGUMENTS_FILE } from "../../tools/argumentTypes";
import { ONE_SERVER } from "./configFixtures";

type Properties = Record<string, { description?: string }>;

const ROOT = join(__dirname, "..", "..");

const ARGUMENTS = {
  ...ONE_SERVER,
  web: { config: { toolbarConfig: { alwaysVisible: true }, disabledSounds: [] } },
  extra: { nginx: "add_header X-Robots-Tag noindex always;" },
};

test("other languages can use AudioMeet: every argument and output has a type and a text, and the SDK's provider makes it", async () => {
  const provider = new ComponentProvider({ components: [AudioMeet], dirname: ROOT, name: "audio-meet" });
  const { resources } = JSON.parse(await provider.getSchema()) as {
    resources: Record<string, { inputProperties: Properties; properties: Properties }>;
  };
  const type = "audio-meet:index:AudioMeet";
  const { inputProperties = {}, properties = {} } = resources[type] ?? {};
  expect(inputProperties["domain"]).toMatchObject({ type: "string", plain: true });
  expect(inputProperties["tokenSecret"]).toMatchObject({ type: "string" });
  expect(inputProperties["tokenSecret"]).not.toHaveProperty("plain");
  const all = Object.entries({ ...inputProperties, ...properties });
  expect(all.filter(([, { description }]) => !description).map(([name]) => name)).toEqual([]);

  const made: string[] = [];
  await pulumi.runtime.setMocks(
    {
      call: ({ inputs }) => inputs as object,
      newResource: ({ name, inputs }) => {
        made.push(name);
        return { id: name, state: inputs as object };
      },
    },
    "project",
    "dev",
    true,
  );
  const { state } = await provider.construct("meet", type, ARGUMENTS, {});
  await new Promise(setImmediate);
  await pulumi.runtime.disconnect();
  expect(made).toEqual(expect.arrayContaining(["meet", "meet-core", "meet-core-files-jicofo", "meet-fra-1"]));
  expect(Object.keys(state).sort()).toEqual(Object.keys(properties).sort());
  const [, table = ""] = readFileSync(join(ROOT, "docs/LIBRARY.md"), "utf8").split(/^\| output .*$/m);
  const told = [...table.matchAll(/^\| `(\w+)`/gm)].map(([, name = ""]) => name);
  expect(told.sort()).toEqual(Object.keys(properties).sort());
}, 600_000);

test("the argument types are those of the schema", () => {
  const words = (text: string) => text.split(/\s+/).filter((word) => word !== "");
  expect(words(readFileSync(ARGUMENTS_FILE, "utf8"))).toEqual(words(argumentTypes()));
});

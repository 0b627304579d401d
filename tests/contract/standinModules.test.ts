import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expectedModules } from "../../services/prosody/modules";
import { nodeModules } from "../../services/prosody/visitorModules";
import { FEATURE_SETS, withFeatures, withVisitors } from "../unit/servicesFixture";
import { PLAN } from "./files";
import { run, testWith } from "./programs";

const ROOT = join(__dirname, "..", "..");
const STAND_IN = join(
  ROOT,
  "lab/packages/debian/jitsi-meet-prosody/root/usr/share/jitsi-meet/prosody-plugins",
);
const OURS = join(ROOT, "templates/prosody");
/** Modules that come with Prosody 13 itself. */
const OF_PROSODY = ["websocket", "server_contact_info", "smacks", "external_services", "muc"];

test.each(FEATURE_SETS)("the stand-in has every module of Jitsi's that %j loads", (features) => {
  const missing = missingOf(Object.values(expectedModules(withFeatures(PLAN, features))).flat());
  expect(missing).toEqual([]);
});

test("and those for visitors", () => {
  const plan = withVisitors(PLAN, 1);
  const ofNodes = (plan.visitors?.nodes ?? []).map((node) => nodeModules(plan, node));
  expect(
    missingOf([expectedModules(plan), ...ofNodes].flatMap((hosts) => Object.values(hosts).flat())),
  ).toEqual([]);
});

function missingOf(all: string[]): string[] {
  const has = (name: string) =>
    [STAND_IN, OURS].some((folder) => existsSync(join(folder, `mod_${name}.lua`)));
  return [...new Set(all.filter((name) => !OF_PROSODY.includes(name) && !has(name)))];
}

describe.each(["5.2", "5.3", "5.4"])("Lua %s", (version) => {
  testWith([`lua${version}`], "reads every module of the stand-in", () => {
    const files = readdirSync(STAND_IN).filter((name) => name.endsWith(".lua"));
    expect(files.length).toBeGreaterThan(15);
    const script = files.map((name) => `assert(loadfile([[${join(STAND_IN, name)}]]))`).join("\n");
    expect(run(`lua${version}`, ["-"], script)).toEqual({ code: 0, output: "" });
  });
});

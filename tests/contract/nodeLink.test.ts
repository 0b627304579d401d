import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { withVisitors } from "../unit/servicesFixture";
import { PLAN } from "./files";
import { isThere } from "./programs";
import { PROSODY_TREE } from "./prosodyLua";
import { type LinkedProsodys, startLinked } from "./xmpp/linkedProsodys";
import { MISSING } from "./xmpp/mainProsody";

const missing = [...MISSING, ...["openssl", "python3"].filter((need) => !isThere(need))];
const withProsodys = missing.length === 0 ? describe : describe.skip;
const skipped = missing.length === 0 ? "" : ` (skipped: needs ${missing.join(", ")})`;

const VISITORS = withVisitors(PLAN, 1);
const { domain } = PLAN.names;
const V1 = "v1.meet.jitsi";

/** The helper's own check, with the prosodyctl of the unpacked Prosody. */
const CHECK = `import json, sys
sys.path.insert(0, sys.argv[1])
from audio_meet.checks.kinds.visitors import NodeLink
from audio_meet.system.root import Root
root = Root()
root.search_path = sys.argv[2] + ":" + root.search_path
print(json.dumps(NodeLink().run(root, json.loads(sys.argv[3]))))`;

withProsodys(`what the doctor asks of the link of a node${skipped}`, () => {
  let linked: LinkedProsodys;
  const programs = mkdtempSync(join(tmpdir(), "prosodyctl-"));
  afterEach(async () => linked.stop());
  afterAll(() => {
    rmSync(programs, { recursive: true });
  });

  beforeAll(() => {
    mkdirSync(programs, { recursive: true });
    const packaged = readFileSync(join(PROSODY_TREE, "../../bin/prosodyctl"), "utf8");
    writeFileSync(join(programs, "prosodyctl"), packaged.replaceAll("/usr/lib/prosody", PROSODY_TREE));
    chmodSync(join(programs, "prosodyctl"), 0o755);
  });

  /** Of the node, towards the main Prosody. */
  async function ask(): Promise<[boolean, string]> {
    const config = join(linked.nodes["v1"]?.folder ?? "", "prosody.cfg.lua");
    const check = JSON.stringify({ config, host: V1, to: domain });
    const child = spawn("python3", ["-c", CHECK, join(__dirname, "../../host"), programs, check]);
    let [said, wrong] = ["", ""];
    child.stdout.on("data", (data) => (said += String(data)));
    child.stderr.on("data", (data) => (wrong += String(data)));
    await new Promise((done) => child.once("close", done));
    if (said === "") throw new Error(wrong);
    return JSON.parse(said) as [boolean, string];
  }

  test("is answered by the main Prosody", async () => {
    linked = await startLinked(VISITORS);
    const [holds, detail] = await ask();
    expect(detail).toMatch(/^meet\.example\.org answers after \d\.\d+ s$/);
    expect(holds).toBe(true);
  });

  test("is not where somebody else signed the node's certificate, nor where the main Prosody is away", async () => {
    linked = await startLinked(VISITORS, { strangers: ["v1"] });
    expect(await ask()).toEqual([false, expect.stringContaining(`no answer from ${domain}`)]);
    await linked.stop();
    linked = await startLinked(VISITORS);
    await linked.main.stop();
    expect(await ask()).toEqual([false, expect.stringContaining(`no answer from ${domain}`)]);
  });
});

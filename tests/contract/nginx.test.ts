import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { TurnPlan } from "../../plan/types";
import { groupsOf } from "../../services/groups";
import { FEATURE_SETS, withFeatures } from "../unit/servicesFixture";
import { content, PLAN } from "./files";
import { inFolder, run, testWith } from "./programs";

/** Files of the core that nginx reads, under a folder of their own, with a certificate of their own. */
function stage(folder: string, plan = PLAN, change: (text: string) => string = (text) => text): string {
  const web = groupsOf(plan, "core").filter(({ group }) => ["nginx", "meet"].includes(group));
  const files = Object.entries(
    Object.assign({}, ...web.map((group) => group.files)) as (typeof web)[0]["files"],
  );
  for (const [path, { content }] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    const here = content
      .replaceAll("/etc/audio-meet/", `${folder}/etc/audio-meet/`)
      .replaceAll("/etc/nginx/", `${folder}/etc/nginx/`)
      .replaceAll("/var/log/nginx/", `${folder}/`)
      .replaceAll("/run/nginx.pid", `${folder}/nginx.pid`);
    writeFileSync(join(folder, path), change(here));
  }
  writeFileSync(join(folder, "etc/nginx/mime.types"), readFileSync("/etc/nginx/mime.types"));
  for (const name of ["web", "secrets"]) mkdirSync(join(folder, "etc/audio-meet", name), { recursive: true });
  const key = join(folder, "etc/audio-meet/secrets/web.key");
  const certificate = join(folder, "etc/audio-meet/web/certificate.pem");
  const request = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -days 1 -subj /CN=x -keyout ${key} -out ${certificate}`;
  expect(run("openssl", request.split(" ")).code).toBe(0);
  return join(folder, "etc/nginx/nginx.conf");
}

const NEEDS = ["nginx", "openssl", "root"];

testWith(NEEDS, "nginx accepts what is rendered", () => {
  inFolder((folder) => {
    const { code, output } = run("nginx", ["-t", "-c", stage(folder)]);
    // From 1.25.1 on nginx remarks that `listen … http2` is old; older ones know nothing else.
    const remarks = output
      .split("\n")
      .filter((line) => /\[(warn|emerg)\]/.test(line) && !line.includes("http2"));
    expect([code, remarks]).toEqual([0, []]);
  });
});

const STREAMS = "/usr/lib/nginx/modules/ngx_stream_module.so";
const WITH_STREAMS = existsSync(STREAMS) ? NEEDS : [...NEEDS, STREAMS];

testWith(WITH_STREAMS, "nginx accepts a port 443 that the page shares with TURN", () => {
  const turn = { ...(PLAN.turn as TurnPlan), host: "turn.meet.example.org", sharesHttps: true };
  inFolder((folder) => {
    // The package's own line for it may or may not be among the modules of this machine.
    const config = stage(folder, { ...PLAN, turn }, (text) =>
      text.replace(
        /^include \/etc\/nginx\/modules-enabled.*|^include \S+modules-enabled.*/m,
        `load_module ${STREAMS};`,
      ),
    );
    expect(run("nginx", ["-t", "-c", config]).output).toContain("test is successful");
  });
});

testWith(NEEDS, "nginx accepts the longest domain", () => {
  const label = "a".repeat(61);
  const names = { ...PLAN.names, domain: `${label}.${label}.${label}.example.org` };
  inFolder((folder) => {
    expect(run("nginx", ["-t", "-c", stage(folder, { ...PLAN, names })]).output).toContain(
      "test is successful",
    );
  });
});

testWith(NEEDS, "a typo is noticed by this check", () => {
  inFolder((folder) => {
    const config = stage(folder, PLAN, (text) => text.replace("server_tokens", "server_tokenz"));
    expect(run("nginx", ["-t", "-c", config]).output).toContain('unknown directive "server_tokenz"');
  });
});

describe.each(FEATURE_SETS)("with the switches %j", (features) => {
  testWith(["node"], "config.js is JavaScript, whatever the notice says", () => {
    const plan = withFeatures({ ...PLAN, web: { ...PLAN.web, notice: HOSTILE, title: HOSTILE } }, features);
    const path = `/etc/jitsi/meet/${PLAN.names.domain}-config.js`;
    inFolder((folder) => {
      const file = join(folder, "config.js");
      writeFileSync(file, content(path, "core", plan));
      expect(run("node", ["--check", file])).toEqual({ code: 0, output: "" });
    });
  });
});

const HOSTILE = `'"\\ </script><!-- \u2028 */ }; \${x} \`y\` {{config}} 🙂`;

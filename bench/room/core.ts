import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { DeploymentPlan } from "../../plan/types";
import { groupsOf } from "../../services/onHost";
import { type Changes, type MainProsody, startMain } from "../../tests/contract/xmpp/mainProsody";
import { StandInFocus } from "../../tests/contract/xmpp/standInFocus";
import { cpuSecondsOf, freePort, megabytesOf } from "../../tests/contract/prosodyProcess";
import type { Target } from "../generator";

/** What a daemon with its processes has used since it started, and holds now. */
interface Used {
  cpuSeconds: number;
  /** How long it was ready to run and did not, since another process had the CPU (proc(5), schedstat). */
  waitedSeconds: number;
  megabytes: number;
}

export type CoreUsage = Record<"prosody" | "nginx", Used>;

/** nginx and the main Prosody as the product renders them, with jicofo's stand-in, on ports of this machine's loopback. */
export interface Core {
  target: Target;
  used: () => CoreUsage;
  log: () => string;
  stop: () => Promise<void>;
}

export async function startCore(plan: DeploymentPlan, changes: Changes): Promise<Core> {
  const prosody = await startMain(plan, changes);
  const folder = mkdtempSync(join(tmpdir(), "bench-nginx-"));
  const stop = async (nginx?: ChildProcess) => {
    nginx?.kill();
    await prosody.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await StandInFocus.start(prosody, plan.names.domain, plan.names.auth);
    const { nginx, target } = await startNginx(plan, prosody, folder);
    return { target, used: () => usage(prosody, nginx), log: prosody.log, stop: async () => stop(nginx) };
  } catch (error) {
    await stop();
    throw error;
  }
}

function usage(prosody: MainProsody, nginx: ChildProcess): CoreUsage {
  return { prosody: together([prosody.pid]), nginx: together([nginx.pid, ...childrenOf(nginx.pid)]) };
}

function together(pids: (number | undefined)[]): Used {
  const sum = (values: number[]) => values.reduce((all, one) => all + one, 0);
  const waited = (pid?: number) => Number(readFileSync(`/proc/${pid}/schedstat`, "utf8").split(" ")[1]) / 1e9;
  return {
    cpuSeconds: sum(pids.map(cpuSecondsOf)),
    waitedSeconds: sum(pids.map(waited)),
    megabytes: sum(pids.map(megabytesOf)),
  };
}

function childrenOf(pid?: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
}

async function startNginx(plan: DeploymentPlan, prosody: MainProsody, folder: string) {
  const port = await freePort();
  const caFile = join(folder, "certificate.pem");
  certify(folder, plan.names.domain);
  const config = await stage(plan, folder, port, prosody.port);
  const nginx = spawn("nginx", ["-c", config, "-g", "daemon off;"], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  const isUp = () =>
    spawnSync("bash", ["-c", `</dev/tcp/127.0.0.1/${port}`], { stdio: "ignore" }).status === 0;
  for (const deadline = Date.now() + 10_000; !isUp();) {
    if (Date.now() > deadline || nginx.exitCode !== null) throw new Error("nginx does not start");
    await new Promise((done) => setTimeout(done, 100));
  }
  return { nginx, target: { domain: plan.names.domain, address: `127.0.0.1:${port}`, caFile } };
}

function certify(folder: string, domain: string): void {
  const words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -days 2";
  const files = ["-keyout", join(folder, "key.pem"), "-out", join(folder, "certificate.pem")];
  const subject = ["-subj", `/CN=${domain}`, "-addext", `subjectAltName=DNS:${domain}`];
  const { status, stderr } = spawnSync("openssl", [...words.split(" "), ...subject, ...files]);
  if (status !== 0) throw new Error(String(stderr));
}

/** Where nginx keeps what does not fit into memory, in place of the package's folders. */
function temporaryPaths(folder: string): string {
  const kinds = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  return kinds.map((kind) => `${kind}_temp_path ${folder}/${kind};`).join("\n");
}

/** nginx' files as a core has them, moved into a folder; the path of the main one. */
async function stage(
  plan: DeploymentPlan,
  folder: string,
  port: number,
  prosodyPort: number,
): Promise<string> {
  const plainPort = await freePort();
  const all = Object.assign({}, ...groupsOf(plan, plan.core.hostId).map(({ files }) => files)) as Record<
    string,
    { content: string }
  >;
  const own = { "/etc/nginx/mime.types": { content: "types { text/html html; }" } };
  for (const [path, { content }] of Object.entries({ ...own, ...all })) {
    if (!path.startsWith("/etc/nginx/")) continue;
    const text = content
      .replace(/^user .*$/m, "user root;")
      .replace(/^http \{$/m, `http {\n${temporaryPaths(folder)}`)
      .replace(/^include \S+modules-enabled.*$/m, "")
      .replace(/^ *listen \[::\].*$/gm, "")
      .replace(/listen 443 /g, `listen 127.0.0.1:${port} `)
      .replace(/listen 80\b/g, `listen 127.0.0.1:${plainPort}`)
      .replace(/ssl_certificate_key [^;]*/g, `ssl_certificate_key ${folder}/key.pem`)
      .replace(/ssl_certificate [^;]*/g, `ssl_certificate ${folder}/certificate.pem`)
      .replace(/127\.0\.0\.1:5280/g, `127.0.0.1:${prosodyPort}`)
      .replaceAll("/etc/nginx/", `${folder}/etc/nginx/`)
      .replaceAll("/var/log/nginx/", `${folder}/`)
      .replaceAll("/run/nginx.pid", `${folder}/nginx.pid`);
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return join(folder, "etc/nginx/nginx.conf");
}

import { runInNewContext } from "node:vm";
import type { DeploymentPlan } from "../../plan/types";
import { groupsOf, loginGroupsOf, secretGroup, verificationOf } from "../../services/onHost";
import type { SecretValues } from "../../services/secrets";
import type { Check, FileGroup } from "../../services/manifest";
import { BRIDGE_PASSWORD, SECRET_VALUES } from "../unit/servicesFixture";
import { type Hocon, readHocon } from "./hocon";
import { type ProsodyConfig, readProsody } from "./prosodyConfig";

/** Everything of a deployment that its hosts and daemons would read, read as they do. */
export interface Rendered {
  main: ProsodyConfig;
  tech: ProsodyConfig;
  jicofo: Hocon;
  /** By bridge id. */
  jvb: Record<string, Hocon>;
  /** The settings of the page. */
  page: { hosts: Record<string, string> };
  /** `proxy_pass` targets and names of the site of nginx. */
  site: string;
  /** By host id. */
  groups: Record<string, FileGroup[]>;
  checks: Record<string, Check[]>;
}

/** Lines `NAME="value"` of an environment file. */
export function environment(text: string): Record<string, string> {
  return Object.fromEntries(
    text
      .split("\n")
      .filter((line) => line.includes("="))
      .map((line) => [
        line.slice(0, line.indexOf("=")),
        line.slice(line.indexOf("=") + 1).replace(/^"|"$/g, ""),
      ]),
  );
}

/** Content of a file of a host. @throws Error where the host has no such file */
export function textOf(groups: FileGroup[], path: string): string {
  const spec = groups.flatMap(({ files }) => files[path] ?? [])[0];
  if (spec === undefined) throw new Error(`no ${path}`);
  return spec.content;
}

/** Renders a plan and reads the result; passwords come from the files that the secrets step writes. */
export async function readBack(
  plan: DeploymentPlan,
  values: SecretValues = SECRET_VALUES,
  bridgePassword = BRIDGE_PASSWORD,
): Promise<Rendered> {
  const ids = plan.hosts.map(({ id }) => id);
  const groups = Object.fromEntries(
    ids.map((id) => {
      const logins = loginGroupsOf(plan, id, (member) => `${bridgePassword}-${member.id}`);
      return [id, [secretGroup(plan, id, values), ...logins, ...groupsOf(plan, id)]];
    }),
  );
  const core = groups[plan.core.hostId] ?? [];
  const jvb: Rendered["jvb"] = {};
  // One after the other: the parser looks at the environment of the process, and each bridge has another one.
  for (const { id, hostId } of plan.videobridges) {
    const own = groups[hostId] ?? [];
    const secrets = environment(textOf(own, "/etc/audio-meet/secrets/videobridge.env"));
    jvb[id] = await readHocon(textOf(own, "/etc/jitsi/videobridge/jvb.conf"), secrets);
  }
  const page: { config?: Rendered["page"] } = {};
  const [pagePath = ""] = core.flatMap(({ files }) =>
    Object.keys(files).filter((path) => path.endsWith("config.js")),
  );
  runInNewContext(textOf(core, pagePath), page);
  const [sitePath = ""] = core.flatMap(({ files }) =>
    Object.keys(files).filter(
      (path) => files[path]?.content.includes("/xmpp-websocket") && path.includes("nginx"),
    ),
  );
  return {
    main: readProsody(textOf(core, "/etc/prosody/prosody.cfg.lua")),
    tech: readProsody(textOf(core, "/etc/prosody-jvb/prosody.cfg.lua")),
    jicofo: await readHocon(
      textOf(core, "/etc/jitsi/jicofo/jicofo.conf"),
      environment(textOf(core, "/etc/audio-meet/secrets/jicofo.env")),
    ),
    jvb,
    page: page.config ?? { hosts: {} },
    site: textOf(core, sitePath),
    groups,
    checks: Object.fromEntries(ids.map((id) => [id, verificationOf(plan, id)])),
  };
}

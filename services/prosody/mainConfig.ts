import { PORTS } from "../../facts/ports";
import type { DeploymentPlan, VisitorsPlan } from "../../plan/types";
import { lua } from "../escapers";
import { extraOrigin, extraView, luaLines } from "../extra";
import { accountJids } from "../links/accounts";
import type { Files } from "../manifest";
import { render, type View } from "../render";
import { prosodyAccessView, TOKEN_AUTHORITIES, tokenAuthoritiesOf } from "./access";
import { listenAddresses } from "./addresses";
import { prosodyConfig } from "./daemon";
import { MAIN, RECORDERS_UNHEARD } from "./instances";
import { featureView, LIBRARY_FOLDER } from "./modules";
import { participantsConfig } from "./participants";

/** The configuration of the main Prosody. */
export function mainConfig(plan: DeploymentPlan): Files {
  const text = globalPart(plan) + hostsPart(plan);
  return prosodyConfig(MAIN.config, text, MAIN.unit, extraOrigin(plan, "prosody"));
}

function globalPart(plan: DeploymentPlan): string {
  const { names, visitors, access } = plan;
  const tokenAuthorities = tokenAuthoritiesOf(plan) === undefined ? undefined : TOKEN_AUTHORITIES;
  return participantsConfig(plan, {
    instance: MAIN,
    pidFile: "/run/prosody/prosody.pid",
    certificates: "/etc/prosody/certs",
    libraries: LIBRARY_FOLDER,
    interfaces: listenAddresses(plan.core.prosodyInterfaces),
    domain: names.domain,
    conference: names.conference,
    focusJid: accountJids(names).focusClient,
    hosts: [names.domain, ...(access.kind === "moderated" ? [names.guest] : [])],
    ...(tokenAuthorities !== undefined && { tokenAuthorities }),
    ...(visitors && { links: { port: PORTS.prosodyLinks.port, others: nodeLinks(visitors) } }),
  });
}

/** Where the nodes are. */
function nodeLinks({ nodes }: VisitorsPlan): Record<string, number> {
  return Object.fromEntries(
    nodes.flatMap(({ domain, conference, linkPort }) => [
      [domain, linkPort],
      [conference, linkPort],
    ]),
  );
}

function hostsPart(plan: DeploymentPlan): string {
  const { names } = plan;
  const view = {
    ...featureView(plan),
    ...prosodyAccessView(plan),
    recorders: recorderView(plan),
    visitors: visitorView(plan),
    domain: names.domain,
    authDomain: names.auth,
    conferenceDomain: names.conference,
    internalAuthDomain: names.internalAuth,
    focusDomain: names.focus,
    extras: extraView("prosody", luaLines(plan.extra.prosody)),
  };
  return render("prosody/main.cfg.lua", view, lua);
}

/** Who is no visitor, whatever his page says: recorders, and moderators where they have accounts. A list of one or none. */
function visitorView({ names, visitors, access, recording }: DeploymentPlan): View[] {
  if (visitors === undefined) return [];
  const allModerate = access.kind === "moderated";
  const free = [...(allModerate ? [names.domain] : []), ...(recording ? [names.recorder] : [])];
  return [{ visitorsComponent: visitors.component, allModerate, free: free.map((host) => ({ host })) }];
}

/** What recorders need here, whether there is one or not: one more or less restarts nothing. A list of one or none. */
function recorderView({ names, recording }: DeploymentPlan): View[] {
  if (recording === undefined) return [];
  return [
    {
      recorderDomain: names.recorder,
      controlUser: names.recorderControlUser,
      callUser: names.recorderCallUser,
      recorderBrewery: names.recorderBrewery,
      recordersUnheard: RECORDERS_UNHEARD,
    },
  ];
}

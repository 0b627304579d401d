import { LOOPBACK, loopbackUrl } from "../../facts/loopback";
import { PORTS } from "../../facts/ports";
import type { DeploymentPlan } from "../../plan/types";
import { lua } from "../escapers";
import { AUTHORITY } from "../links/authority";
import { externalServices } from "../links/turn";
import { render, type View } from "../render";
import type { Instance } from "./instances";
import { limitsView } from "./limits";

/** What differs between the Prosodys that participants log in to. */
interface Own {
  instance: Instance;
  pidFile: string;
  certificates: string;
  libraries: string;
  /** Addresses at which jicofo, and recorders, find it. */
  interfaces: string[];
  /** Where participants log in by the address alone. */
  domain: string;
  conference: string;
  focusJid: string;
  /** Hosts of people: what they send is limited. */
  hosts: string[];
  /** Who may vouch for the place that keys of tokens come from, beside the authorities of the system. */
  tokenAuthorities?: string;
  /** The other Prosodys to which it is a server; absent where there are no visitors. */
  links?: { port: number; others: Record<string, number> };
  /** It is a node: where the main Prosody's participants log in. */
  mainDomain?: string;
}

/** The global part of the configuration of a Prosody for participants: the main one, or a node. */
export function participantsConfig(plan: DeploymentPlan, own: Own): string {
  const { instance, focusJid, mainDomain, tokenAuthorities } = own;
  const isMain = mainDomain === undefined;
  const { features } = plan;
  const view: View = {
    isMain,
    pidFile: own.pidFile,
    dataPath: instance.data,
    pluginFolder: instance.plugins,
    jitsiModules: features.jitsiModules
      ? [
          {
            mapperDomain: own.domain,
            librarySearch: `${own.libraries}/?.lua`,
            nodes: isMain ? [] : [{ mainDomain }],
          },
        ]
      : [],
    clientPort: instance.clients.port,
    interfaces: own.interfaces.map((address) => ({ address })),
    httpPort: instance.http.port,
    loopback: LOOPBACK,
    domain: own.domain,
    links: linksView(own),
    isMonitored: plan.monitoring !== undefined,
    focusJid,
    limits: [limitsView(plan, own)],
    focusHold: isMain ? [focusHoldView(plan)] : [],
    certificates: own.certificates,
    certificate: instance.certificate,
    key: instance.key,
    tokenAuthorities: tokenAuthorities === undefined ? [] : [{ authorities: tokenAuthorities }],
    contactUri: `mailto:${plan.contact}`,
    ...externalServices(plan),
  };
  return render("prosody/participants.cfg.lua", view, lua);
}

/** jicofo comes back to the main rooms alone: it takes requests on no other connection. */
function focusHoldView({ names }: DeploymentPlan): View {
  return {
    // Nobody has this account. Where rooms begin with a login, its domain is one that jicofo takes for logged in.
    focusRequester: `focus-hold@${names.domain}`,
    jicofoStatistics: `${loopbackUrl(PORTS.jicofoHttp)}/stats`,
  };
}

/** A list of one or none. */
function linksView({ links }: Own): View[] {
  if (links === undefined) return [];
  const others = Object.entries(links.others).map(([host, port]) => ({ host, port }));
  return [{ linkPort: links.port, others, authority: AUTHORITY }];
}

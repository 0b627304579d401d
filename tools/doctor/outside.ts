import { PORTS } from "../../facts/ports";
import type { Check } from "../../services/manifest";

/** What the doctor reads of a stack's outputs. */
export interface StackOutputs {
  url: string;
  /** Name → address that it has to resolve to. */
  dns: Record<string, string>;
  ssh: Record<string, string>;
  bridges: Record<string, { publicAddress: string; parked?: boolean }>;
  /** Our own authority, where the page's certificate is of it. */
  caPem?: string;
  certificate: { issuer: string; warning?: string };
  /** Versions of packages. */
  release?: Record<string, string>;
}

/** What one check found (host/audio_meet/checks/look.py). */
export interface Finding {
  link: string;
  check: string;
  ok: boolean;
  detail: string;
  remedy: string;
}

/** What the world sees of a deployment, by link of a call's way. `caFile`: who may have signed the certificate of the page. */
export function outsideWay(outputs: StackOutputs, caFile: string | undefined): Record<string, Check[]> {
  const { hostname: domain } = new URL(outputs.url);
  const address = outputs.dns[domain];
  if (address === undefined) throw new Error(`the outputs name no address of ${domain}`);
  const page = { domain, address, ...(caFile !== undefined && { caFile }) };
  // A test certificate of an authority is trusted by nobody, so that this machine cannot tell a good one.
  const isTrial = outputs.certificate.warning !== undefined;
  const https = { ...page, kind: "https", status: 200 } as const;
  return {
    name: [{ kind: "name", name: domain, addresses: [address], asPrograms: true }],
    door: [{ kind: "connects", address, port: PORTS.https.port }],
    ...(!isTrial && {
      certificate: [{ ...page, kind: "pageCertificate" }],
      page: [
        { ...https, path: "/" },
        { ...https, path: "/config.js", contains: domain },
      ],
      websocket: [{ ...https, path: "/xmpp-websocket", status: 101, websocket: true }],
    }),
  };
}

import { PORTS } from "../facts/ports";
import type { Path, Reader } from "./draftReader";
import { keyPath } from "./errors";
import { FIRST_GENERATION } from "./nodes";

/** A core, bridge, recorder or monitoring machine as far as it could be read; a part that is missing or wrong is undefined and trips no rule. */
export interface DraftNode {
  key: string;
  /** "core", "monitoring", or the id of the bridge or recorder. */
  id: string | undefined;
  region: string;
  regionName: string | undefined;
  provider: string | undefined;
  role: "core" | "monitoring" | "videobridge" | "recorder";
  /** Has no machine of its own. */
  isOnCore: boolean;
  /** `parked` of a bridge; undefined where it is not written. */
  parked: boolean | undefined;
  address: string | undefined;
  port: number;
  privateAddress: string | undefined;
  publicAddress: string | undefined;
  generation: number;
  /** Of EC2: its own, else the region's; undefined where neither is written. */
  instanceType: string | undefined;
}

/** A text of a list with its key. */
export interface DraftText {
  key: string;
  value: string | undefined;
}

export interface DraftRegion {
  key: string;
  name: string | undefined;
  core: DraftNode | undefined;
  monitoring: DraftNode | undefined;
  bridges: DraftNode[];
  recorders: DraftNode[];
  /** Who is near to it; the key is undefined where nothing is said. */
  near: { key: string | undefined; networks: DraftText[]; headerValues: DraftText[] };
  /** Keys of `machines` that are written down. */
  machineKeys: string[];
  hasIpv6: boolean;
  /** `adminCidrs` of the machines, as far as they could be read. */
  adminCidrs: { key: string; cidr: string | undefined }[];
}

function node(reader: Reader, region: number, path: Path, role: DraftNode["role"]): DraftNode {
  const machines: Path = ["regions", region, "machines"];
  return {
    key: keyPath(path),
    id: role === "videobridge" || role === "recorder" ? reader.text(...path, "id") : role,
    region: keyPath(["regions", region]),
    regionName: reader.text("regions", region, "name"),
    provider: reader.text(...machines, "provider"),
    role,
    isOnCore: role === "videobridge" && reader.has(...path, "on"),
    parked: reader.flag(...path, "parked"),
    address: reader.address(...path, "address"),
    port: reader.number(...path, "port") ?? reader.number(...machines, "port") ?? PORTS.ssh.port,
    privateAddress: reader.address(...path, "privateAddress"),
    publicAddress: reader.address(...path, "publicAddress"),
    generation: reader.number(...path, "generation") ?? FIRST_GENERATION,
    instanceType: reader.text(...path, "instanceType") ?? reader.text(...machines, "instanceType"),
  };
}

/** A region as far as it could be read. */
export function draftRegion(reader: Reader, index: number): DraftRegion {
  const path: Path = ["regions", index];
  const list = (key: string, role: DraftNode["role"]) =>
    (reader.positions(...path, key) ?? []).map((position) =>
      node(reader, index, [...path, key, position], role),
    );
  const texts = (...place: Path): DraftText[] =>
    (reader.positions(...place) ?? []).map((position) => ({
      key: keyPath([...place, position]),
      value: reader.text(...place, position),
    }));
  const near: Path = [...path, "participants"];
  return {
    key: keyPath(path),
    near: {
      key: reader.has(...near) ? keyPath(near) : undefined,
      networks: texts(...near, "networks"),
      headerValues: texts(...near, "headerValues"),
    },
    name: reader.text(...path, "name"),
    machineKeys: reader.keys(...path, "machines"),
    hasIpv6: reader.flag(...path, "machines", "ipv6") === true,
    adminCidrs: (reader.positions(...path, "machines", "adminCidrs") ?? []).map((position) => {
      const place: Path = [...path, "machines", "adminCidrs", position];
      return { key: keyPath(place), cidr: reader.text(...place) };
    }),
    core: reader.has(...path, "core") ? node(reader, index, [...path, "core"], "core") : undefined,
    monitoring: reader.has(...path, "monitoring")
      ? node(reader, index, [...path, "monitoring"], "monitoring")
      : undefined,
    bridges: list("videobridges", "videobridge"),
    recorders: list("recorders", "recorder"),
  };
}

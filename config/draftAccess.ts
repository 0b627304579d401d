import { DEFAULT_ACCESS } from "./access";
import type { Path, Reader } from "./draftReader";
import { keyPath } from "./errors";

/** Who may open a room, as far as it could be read. */
export interface DraftAccess {
  kind: string | undefined;
  /** Names of moderators with their keys. */
  moderators: { key: string; name: string | undefined }[];
  /** Moderators that have a rotation counter. */
  counted: { key: string; name: string }[];
  /** What verifies tokens, by their full keys: `jitsi:access.jwks`, `jitsi:access.keyServer`, `jitsi:tokenSecret`. */
  tokenKeys: string[];
  hasSecret: boolean;
  hasCaBundle: boolean;
  hasAppId: boolean;
  /** Accepted issuers and audiences with their keys; undefined where they are left out. */
  issuers: { key: string; value: string | undefined }[] | undefined;
  audiences: { key: string; value: string | undefined }[] | undefined;
}

/** `given`: names of all top-level keys that are there, also of secret ones. */
export function draftAccess(reader: Reader, given: ReadonlySet<string>): DraftAccess {
  const names: Path = ["access", "moderators"];
  const counters: Path = ["secrets", "moderators"];
  const list = (name: string) =>
    reader.positions("access", name)?.map((index) => ({
      key: keyPath(["access", name, index]),
      value: reader.text("access", name, index),
    }));
  return {
    kind: reader.has("access") ? reader.text("access", "kind") : DEFAULT_ACCESS.kind,
    moderators: (reader.positions(...names) ?? []).map((index) => ({
      key: keyPath([...names, index]),
      name: reader.text(...names, index),
    })),
    counted: reader.keys(...counters).map((name) => ({ key: keyPath([...counters, name]), name })),
    tokenKeys: [
      ...["jwks", "keyServer"]
        .filter((name) => reader.has("access", name))
        .map((name) => keyPath(["access", name])),
      ...(given.has("tokenSecret") ? ["jitsi:tokenSecret"] : []),
    ],
    hasSecret: given.has("tokenSecret"),
    hasCaBundle: reader.text("access", "caBundle") !== undefined,
    hasAppId: reader.has("access", "appId"),
    issuers: list("issuers"),
    audiences: list("audiences"),
  };
}

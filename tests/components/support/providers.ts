import "reflect-metadata";
import type * as pulumi from "@pulumi/pulumi";
import { randomString } from "../../../lab/plugins/random/characters";
import { create } from "../../../lab/plugins/shared/operations";
import type { Context, ResourceType } from "../../../lab/plugins/shared/resource";
import { UNKNOWN, type Properties } from "../../../lab/plugins/shared/values";
import { certRequest } from "../../../lab/plugins/tls/certRequest";
import { locallySignedCert, selfSignedCert } from "../../../lab/plugins/tls/certificates";
import { privateKey } from "../../../lab/plugins/tls/privateKey";
import { awsImage, awsOfferings, awsResource, isAws } from "./awsProvider";
import { textOf } from "./registration";

/** A password without its bcrypt hash, which nothing here reads and which would take most of the time. */
const randomPassword: ResourceType = { ...randomString, secretOutputs: ["result"] };

/** Passwords, keys and certificates are real ones, marked secret as their providers mark them. */
const TYPES: Record<string, ResourceType> = {
  "random:index/randomPassword:RandomPassword": randomPassword,
  "tls:index/privateKey:PrivateKey": privateKey,
  "tls:index/selfSignedCert:SelfSignedCert": selfSignedCert,
  "tls:index/certRequest:CertRequest": certRequest,
  "tls:index/locallySignedCert:LocallySignedCert": locallySignedCert,
};

interface Made {
  id: string;
  state: Properties;
}

/** What earlier deployments of this process made, by type, name and inputs: unchanged inputs keep their outputs. */
const made = new Map<string, Made>();

/** What the last run has left, in a preview of a stack that is there. */
export interface Left {
  bridges: Record<string, { parked?: boolean; publicAddress?: string }>;
  /** Hosts whose machine stays the one that it is. */
  machines: string[];
}

/** Every password and private key that was made so far, by the name of the output. */
export function secretsSoFar(): { output: string; value: string }[] {
  return [...made.entries()].flatMap(([key, { state }]) =>
    (TYPES[key.split(" ")[0] ?? ""]?.secretOutputs ?? []).map((output) => ({
      output,
      value: textOf(state, output),
    })),
  );
}

/**
 * The providers of the program, without an engine. In a preview every output is unknown, as in the first one of a stack;
 * otherwise passwords are of an earlier run but for those of the bridges that this one makes. A type that is not expected is an error.
 */
export function providers(
  preview: boolean,
  newBridges: string[] = [],
  kept: Record<string, string> = {},
  left?: Left,
): pulumi.runtime.Mocks {
  const stashes = Object.entries(kept);
  return {
    call: ({ token, inputs }) => {
      if (token === "aws:ec2/getAmi:getAmi") return awsImage(inputs as Properties);
      if (token === "aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings")
        return awsOfferings(inputs as Properties);
      throw new Error(`no function is expected to be called, ${token} was`);
    },
    newResource: async ({ type, name, inputs, custom }) => {
      const isNew = newBridges.some((id) => name.endsWith(`-${id}-password`));
      const given = isNew ? (inputs as Properties) : ofEarlierRun(inputs as Properties);
      if (custom !== true) return { id: undefined, state: { ...given, ...outputsLeft(type, left) } };
      const [, former] = stashes.find(([end]) => type.endsWith(":Stash") && name.endsWith(end)) ?? [];
      if (former !== undefined) return { id: name, state: { ...given, output: former } };
      if (preview) {
        const seen = await createdIn(true, type, name, given);
        const stays = left?.machines.some((id) => name.includes(`-${id}-machine-`)) === true;
        return stays ? { ...seen, id: name } : seen;
      }
      const key = `${type} ${name} ${JSON.stringify(given)}`;
      const known = made.get(key) ?? (await createdIn(false, type, name, given));
      made.set(key, known);
      return known;
    },
  };
}

/** A component has the outputs of the last run until it is given others. */
function outputsLeft(type: string, left: Left | undefined): Properties {
  return type === "jitsi:index:AudioMeet" && left ? { bridges: left.bridges } : {};
}

/** What a password keeps of the run that made it (`ignoreChanges`). */
function ofEarlierRun(inputs: Properties): Properties {
  const keepers = inputs["keepers"] as Properties | undefined;
  return keepers?.["run"] === undefined ? inputs : { ...inputs, keepers: { ...keepers, run: "before" } };
}

async function createdIn(preview: boolean, type: string, name: string, inputs: Properties): Promise<Made> {
  if (isAws(type)) return awsResource(preview, type, name, inputs);
  if (type.startsWith("command:")) return command(preview, type, name, inputs);
  const kind = TYPES[type];
  if (kind === undefined)
    throw new Error(`${name} has the type ${type}, which no provider of the program has`);
  return create(kind, inputs, preview, contextOf(name));
}

/** A command that has run: its output is what the helper prints, and is not secret by itself. */
function command(preview: boolean, type: string, name: string, inputs: Properties): Made {
  const output = preview ? UNKNOWN : stdoutOf(name, textOf(inputs, "create"));
  return {
    id: preview ? "" : `${type} ${name}`,
    state: { ...inputs, stdout: output, stderr: preview ? UNKNOWN : "" },
  };
}

/** What the helper prints; every host has four cores, is well and has its id as its name. */
function stdoutOf(name: string, commandLine: string): string {
  if (/ preflight( |$)/.test(commandLine)) return JSON.stringify({ cores: 4, memoryMegabytes: 8000 });
  if (!commandLine.includes(" verify ")) return "nothing changed";
  const checks = [{ check: "unit jicofo.service", ok: true, detail: "active" }];
  const host = name.replace("-verification-run", "");
  return JSON.stringify({ host, asOf: "2026-01-02T03:04:05Z", healthy: true, checks });
}

function contextOf(name: string): Context {
  const ignore = () => undefined;
  const { signal } = new AbortController();
  return { urn: name, name, id: "", config: {}, signal, status: ignore, warn: ignore };
}

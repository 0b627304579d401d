import { isDeepStrictEqual } from "node:util";
import { plainProperties } from "../../../lab/plugins/shared/values";
import type { FileSpec } from "../../../services/manifest";
import type { Deployment } from "./deployment";
import { textOf, type Registration } from "./registration";

/** What a second deployment has that the first one had not, and the other way round; sorted. */
export interface Differences {
  added: string[];
  removed: string[];
  /** "<name>.<input or option>" of the resources in both. */
  changed: string[];
}

/** Compares two deployments. The order and how long the provider may try are left out: nothing runs again because of them. */
export function differences(before: Deployment, after: Deployment): Differences {
  const olds = new Map(before.resources.map((resource) => [resource.label, resource]));
  const news = new Map(after.resources.map((resource) => [resource.label, resource]));
  return {
    added: [...news.keys()].filter((label) => !olds.has(label)).sort(),
    removed: [...olds.keys()].filter((label) => !news.has(label)).sort(),
    changed: [...olds.values()].flatMap((old) => changesOf(old, news.get(old.label))).sort(),
  };
}

function changesOf(old: Registration, now: Registration | undefined): string[] {
  if (now === undefined) return [];
  const [was, is] = [valuesOf(old), valuesOf(now)];
  const keys = [...new Set([...Object.keys(was), ...Object.keys(is)])];
  return keys.filter((key) => !isDeepStrictEqual(was[key], is[key])).map((key) => `${old.name}.${key}`);
}

function valuesOf({ inputs, ...options }: Registration): Record<string, unknown> {
  return { ...options, dependsOn: [], timeouts: undefined, ...plainProperties(inputs) };
}

/** The JSON document that a step sends, secret or not. */
export function documentOf(step: Registration): Record<string, unknown> {
  return JSON.parse(textOf(step.inputs, "stdin")) as Record<string, unknown>;
}

/** The files that a step of the kind `files`, `secrets` or `trust` sends, by path. */
export function filesOf(step: Registration): Record<string, FileSpec> {
  return documentOf(step)["files"] as Record<string, FileSpec>;
}

/** Paths of the files that differ between two versions of a step. */
export function changedFiles(before: Registration, after: Registration): string[] {
  const [olds, news] = [filesOf(before), filesOf(after)];
  const paths = [...new Set([...Object.keys(olds), ...Object.keys(news)])];
  return paths.filter((path) => !isDeepStrictEqual(olds[path], news[path])).sort();
}

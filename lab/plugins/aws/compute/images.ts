import { createHash } from "node:crypto";
import { ACCOUNT } from "../core/account";
import { flag, text, texts } from "../../shared/schema";
import type { Invoke } from "../../shared/resource";
import { textOf, type Properties } from "../../shared/values";

/** Canonical's account. Source: "Find Ubuntu images on AWS". */
const CANONICAL = "099720109477";

/** Processor architecture as EC2 names it. */
type Architecture = "x86_64" | "arm64";

interface Image {
  id: string;
  name: string;
  architecture: Architecture;
  ownerId: string;
  creationDate: string;
}

/** Serial numbers of the images that every region has, oldest first: there is always one that is not the newest. */
const SERIALS = ["20250305", "20250704"];
const SERIES = ["hvm-ssd/ubuntu-jammy-22.04", "hvm-ssd-gp3/ubuntu-noble-24.04"];
const ARCHITECTURES = { amd64: "x86_64", arm64: "arm64" } as const;

/** The images of a region: Canonical's names, and ids of the stand-in's own. */
export function imagesOf(region: string): Image[] {
  return SERIES.flatMap((series) =>
    Object.entries(ARCHITECTURES).flatMap(([name, architecture]) =>
      SERIALS.map((serial) =>
        image(region, `ubuntu/images/${series}-${name}-server-${serial}`, serial, architecture),
      ),
    ),
  );
}

function image(region: string, name: string, serial: string, architecture: Architecture): Image {
  const digest = createHash("sha256").update(`${region}/${name}`).digest("hex");
  const creationDate = `${serial.slice(0, 4)}-${serial.slice(4, 6)}-${serial.slice(6)}T00:00:00.000Z`;
  return { id: `ami-0${digest.slice(0, 16)}`, name, architecture, ownerId: CANONICAL, creationDate };
}

interface Filter {
  name: string;
  values: string[];
}

/** EC2's patterns: * for any text, ? for any character. */
function matches(pattern: string, value: string): boolean {
  const escaped = pattern.replaceAll(/[.+^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replaceAll("*", ".*").replaceAll("?", ".")}$`).test(value);
}

function passes(image: Image, { name, values }: Filter): boolean {
  const property = { name: image.name, architecture: image.architecture }[name];
  if (property === undefined)
    throw new Error(`stand-in: images have no filter ${name}; use name or architecture`);
  return values.some((pattern) => matches(pattern, property));
}

/** `aws:ec2/getAmi:getAmi`. */
export const getAmi: Invoke = {
  // No image of the stand-in is ever deprecated.
  inputs: {
    region: text,
    owners: texts,
    mostRecent: flag,
    includeDeprecated: flag,
    filters: { kind: "any[]" },
    nameRegex: text,
  },
  answer: (inputs, { config }) => {
    const owners = (inputs["owners"] ?? []) as string[];
    const filters = (inputs["filters"] ?? []) as unknown as Filter[];
    const found = imagesOf(textOf(inputs, "region") || textOf(config, "region"))
      .filter((image) => owners.length === 0 || owners.includes(image.ownerId))
      .filter((image) => filters.every((filter) => passes(image, filter)))
      .sort((one, other) => other.creationDate.localeCompare(one.creationDate));
    const [newest] = found;
    if (newest === undefined)
      throw new Error("Your query returned no results. Please change your search criteria and try again.");
    if (found.length > 1 && inputs["mostRecent"] !== true)
      throw new Error("Your query returned more than one result. Please set mostRecent to true.");
    const answer: Properties = {
      ...newest,
      imageId: newest.id,
      imageOwnerAlias: "",
      arn: `arn:aws:ec2::${ACCOUNT}:image/${newest.id}`,
    };
    return Promise.resolve(answer);
  },
};

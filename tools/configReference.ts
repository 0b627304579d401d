import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { accessShapes } from "../config/access";
import { certificateShapes } from "../config/certificate";
import { fieldInfos, opened } from "../config/field";
import { referenceShapes } from "../config/regions";
import { RULES } from "../config/rules";
import { settingsSchema } from "../config/schema";

/** Where the page lies. */
export const REFERENCE_FILE = join(__dirname, "..", "docs", "CONFIGURATION.md");

type Schema = z.core.$ZodType;

interface Row {
  key: string;
  byDefault: string;
  meaning: string;
  example: string;
}

const code = (text: string) => `\`${text.replaceAll("|", "\\|")}\``;

function row(key: string, schema: Schema): Row {
  const { inner, byDefault, isOptional } = opened(schema);
  const info = fieldInfos.get(inner);
  if (!info)
    return { key, byDefault: "required", meaning: literalMeaning(inner), example: literalMeaning(inner) };
  const value = byDefault === undefined ? undefined : JSON.stringify(byDefault).replaceAll(/^"|"$/g, "");
  const whenLeftOut = value === undefined ? (info.fallback ?? "none") : code(value);
  const unit = info.unit === undefined ? "" : ` Unit: ${info.unit}.`;
  return {
    key,
    byDefault: isOptional ? whenLeftOut : "required",
    meaning: info.description + unit,
    example: code(info.example),
  };
}

function literalMeaning(schema: Schema): string {
  return schema instanceof z.ZodLiteral ? code([...schema.def.values].join(", ")) : "";
}

/** Rows of a structure; structures in it are opened, their keys written with a dot. */
function rows(shape: z.core.$ZodShape, prefix: string): Row[] {
  return Object.entries(shape).flatMap(([key, schema]) => {
    const { inner } = opened(schema);
    const own = row(`${prefix}${key}`, schema);
    // A structure whose keys all have defaults has none of its own worth a line.
    if (schema instanceof z.ZodPrefault && inner instanceof z.ZodObject)
      return rows(inner.shape, `${own.key}.`);
    return inner instanceof z.ZodObject && prefix !== "jitsi:"
      ? [own, ...rows(inner.shape, `${own.key}.`)]
      : [own];
  });
}

function table(all: Row[]): string {
  const lines = all.map(
    ({ key, byDefault, meaning, example }) => `| ${code(key)} | ${byDefault} | ${meaning} | ${example} |`,
  );
  return ["| key | default | meaning | example |", "| --- | --- | --- | --- |", ...lines].join("\n");
}

function section(title: string, shape: z.core.$ZodShape, note = ""): string {
  return [`## ${title}`, ...(note === "" ? [] : [note]), table(rows(shape, ""))].join("\n\n");
}

/** The issuer in a table of its own, then what each issuer takes besides. */
function certificateSections(): string[] {
  const { internal, ...others } = certificateShapes;
  const more = Object.entries(others).map(([name, { shape }]): string => {
    const own: z.core.$ZodShape = { ...shape };
    return section(
      `\`jitsi:certificate\` with \`issuer: ${name}\``,
      Object.fromEntries(Object.entries(own).filter(([key]) => key !== "issuer")),
    );
  });
  return [section("`jitsi:certificate`", internal.shape), ...more];
}

const INTRODUCTION = `# Configuration

\`Pulumi.<stack>.yaml\` describes the whole deployment below \`config:\`. This page is generated from the schema (\`npx tsx tools/configReference.ts\`); other keys are refused.

Terms: [GLOSSARY](GLOSSARY.md).

\`npm run --silent check -- --stack-file Pulumi.<stack>.yaml\` reports every mistake at once, each with its rule and its fix, and changes nothing. An empty value counts as a missing key.`;

const SECRETS = `## Secrets

Passwords between the daemons are generated; raising a counter of \`jitsi:secrets\` creates new ones.

These keys are secrets and must be encrypted (\`pulumi config set --secret\`): \`jitsi:sshPrivateKey\`, \`jitsi:tokenSecret\`, \`jitsi:certificateKey\`, \`jitsi:acmeEabKey\`, \`jitsi:mailPassword\`, \`jitsi:recordingAccessKey\` and \`jitsi:recordingSecretKey\`. All other values are visible in previews, so encrypting one of them, or a part of one, is refused.`;

/** The reference page, Markdown. */
export function configReference(): string {
  const { anyMachines, coreBridge, existing, aws, lab } = referenceShapes;
  const { machines: existingMachines, core: existingCore } = existing.region.shape;
  const { machines: awsMachines, core: awsCore } = aws.region.shape;
  const { machines: labMachines, core: labCore } = lab.region.shape;
  const { provider } = anyMachines.shape;
  const { videobridges, recorders, ...region } = existing.region.shape;
  const regionRows = [...Object.entries({ ...region, videobridges, recorders })].map(([key, schema]) =>
    row(key, schema),
  );
  const near = rows(region.participants.unwrap().shape, "participants.");
  return [
    INTRODUCTION,
    `## Keys\n\n${table(rows(settingsSchema.shape, "jitsi:"))}`,
    section("Recordings: `jitsi:recording`", settingsSchema.shape.recording.unwrap().shape),
    section("Monitoring: `jitsi:monitoring`", settingsSchema.shape.monitoring.unwrap().shape),
    section("DNS: `jitsi:dns`", settingsSchema.shape.dns.unwrap().shape),
    `## A region: \`jitsi:regions[]\`\n\n${table([...regionRows, ...near])}`,
    `## \`machines\`\n\n${table([row("provider", provider)])}`,
    ...certificateSections(),
    section("`machines` with `provider: aws`", awsMachines.shape),
    section("`machines` with `provider: existing`", existingMachines.shape),
    section("`machines` with `provider: lab`", labMachines.shape),
    section("A core on EC2: `core`", awsCore.unwrap().shape),
    section("A core on a server that exists: `core`", existingCore.unwrap().shape),
    section("A core on a lab host: `core`", labCore.unwrap().shape),
    section("A bridge on EC2: `videobridges[]`", aws.bridge.shape),
    section("A bridge on a server that exists: `videobridges[]`", existing.bridge.shape),
    section("A bridge on a lab host: `videobridges[]`", lab.bridge.shape),
    section("A recorder on EC2: `recorders[]`", aws.recorder.shape),
    section("A recorder on a server that exists: `recorders[]`", existing.recorder.shape),
    section("A recorder on a lab host: `recorders[]`", lab.recorder.shape),
    section("A bridge on the core's own machine: `videobridges[]`", coreBridge.shape),
    section("`jitsi:access` with `kind: moderated`", accessShapes.moderated.shape),
    section("`jitsi:access` with `kind: token`", accessShapes.token.shape),
    `## Rules between keys\n\n${RULES.map(({ rule }) => `- ${rule}`).join("\n")}\n- Loopback, link-local, multicast, broadcast and unspecified addresses are refused; documentation ranges are accepted.`,
    SECRETS,
  ]
    .join("\n\n")
    .concat("\n");
}

if (require.main === module) writeFileSync(REFERENCE_FILE, configReference());

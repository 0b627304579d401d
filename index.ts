import * as pulumi from "@pulumi/pulumi";
import { formatErrors } from "./config/errors";
import { load } from "./config/load";
import { SECRETS } from "./config/schema";
import type { ConfigSecrets } from "./components/configSecrets";
import { deploy } from "./components/deployment";
import { refusal } from "./components/refusal";
import { refuseToEndProtected } from "./components/terminationProtection";
import { planDeployment } from "./plan/deployment";

// `replaceWith` and `hideDiffs`, on which every step on a host relies, are younger than many an installed CLI.
void pulumi.requirePulumiVersion(">=3.248.0");

// The engine names the keys that the stack file keeps encrypted in this variable.
const secretKeys = JSON.parse(process.env["PULUMI_CONFIG_SECRET_KEYS"] || "[]") as string[];
const loaded = load(pulumi.runtime.allConfig(), new Set(secretKeys));
if (loaded.errors) throw refusal(formatErrors(loaded.errors));

// An absent key arrives as empty text, since Pulumi.yaml gives every key an empty default.
const present = SECRETS.filter((name) => Boolean(pulumi.runtime.allConfig()[`jitsi:${name}`]));
const config = new pulumi.Config("jitsi");
const secrets: ConfigSecrets = Object.fromEntries(present.map((name) => [name, config.requireSecret(name)]));
const { settings } = loaded;
module.exports = refuseToEndProtected(planDeployment(settings)).then(() => deploy(settings, secrets));

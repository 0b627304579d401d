import * as pulumi from "@pulumi/pulumi";
import { AudioMeet, stackOutputs } from "./components/audioMeet";
import { formerNames } from "./components/formerNames";
import { refuseAfterLastRun } from "./components/lastRun";
import { stackArguments } from "./components/stackArguments";
import { labMakers } from "./lab/machine";

// `replaceWith` and `hideDiffs`, on which every step on a host relies, are younger than many an installed CLI.
void pulumi.requirePulumiVersion(">=3.248.0");

const { args, plan } = stackArguments();
const meet = () => new AudioMeet("meet", args, { transformations: [formerNames("meet")] }, labMakers);
module.exports = refuseAfterLastRun(plan).then(() => stackOutputs(meet()));

import * as pulumi from "@pulumi/pulumi";
import { AudioMeet, stackOutputs } from "./components/audioMeet";
import { formerNames } from "./components/formerNames";
import { stackArguments } from "./components/stackArguments";
import { refuseToEndProtected } from "./components/terminationProtection";
import { labMakers } from "./lab/machine";

// `replaceWith` and `hideDiffs`, on which every step on a host relies, are younger than many an installed CLI.
void pulumi.requirePulumiVersion(">=3.248.0");

const { args, plan } = stackArguments();
const meet = () => new AudioMeet("meet", args, { transformations: [formerNames("meet")] }, labMakers);
module.exports = refuseToEndProtected(plan).then(() => stackOutputs(meet()));

import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { DeploymentPlan, ModeratorPlan } from "../plan/types";
import { childOf } from "./childOf";

/** Letters of a password. 32 of 62 letters are 190 bits; no letter of it needs quoting in any file. */
const PASSWORD_LENGTH = 32;

/** The generated passwords of the deployment, one for each login; a new rotation counter makes a new password. */
export class Credentials extends pulumi.ComponentResource {
  /** jicofo's login at the main Prosody. */
  readonly focusClient: pulumi.Output<string>;
  /** jicofo's login at prosody-jvb. */
  readonly focusService: pulumi.Output<string>;
  /** The bridges' login at prosody-jvb. */
  readonly videobridge: pulumi.Output<string>;
  /** The moderators' logins by name. */
  readonly moderators: pulumi.Output<Record<string, string>>;

  /** The recorders' logins at the main Prosody, where recording is set up. */
  readonly recorders?: { recorderControl: pulumi.Output<string>; recorderCall: pulumi.Output<string> };

  /** What coturn and Prosody make the participants' TURN passwords from. */
  readonly turn: pulumi.Output<string>;

  constructor(
    name: string,
    { secrets: counters, recording }: Pick<DeploymentPlan, "secrets" | "recording">,
    moderators: ModeratorPlan[],
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("jitsi:index:Credentials", name, { ...counters }, opts);
    const password = (suffix: string, counter: number) =>
      new random.RandomPassword(
        `${name}-${suffix}`,
        { length: PASSWORD_LENGTH, special: false, keepers: { rotation: String(counter) } },
        childOf(this),
      ).result;

    this.focusClient = password("focus-client", counters.focusClient);
    this.focusService = password("focus-service", counters.focusService);
    this.videobridge = password("videobridge", counters.videobridge);
    this.turn = password("turn", counters.turn);
    // Not by the number of recorders: the last one that goes needs its login to the end of its recording.
    if (recording !== undefined) {
      this.recorders = {
        recorderControl: password("recorder-control", counters.recorderControl),
        recorderCall: password("recorder-call", counters.recorderCall),
      };
    }
    this.moderators = pulumi.secret(
      Object.fromEntries(
        moderators.map((each) => [each.name, password(`moderator-${each.name}`, each.rotation)]),
      ),
    );
    this.registerOutputs({});
  }
}

import { randomUUID } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { ModeratorPlan, SecretCounters } from "../plan/types";
import { moderatorSecret } from "../services/prosody/access";
import { childOf } from "./childOf";
import type { KnownSecrets } from "./hostSecrets";

/** Letters of a password. 32 of 62 letters are 190 bits; no letter of it needs quoting in any file. */
const PASSWORD_LENGTH = 32;

/** A generated password; another rotation number makes a new one. */
export function password(name: string, rotation: number, parent: pulumi.Resource): pulumi.Output<string> {
  return new random.RandomPassword(
    name,
    { length: PASSWORD_LENGTH, special: false, keepers: { rotation: String(rotation) } },
    childOf(parent),
  ).result;
}

/** Another text in each run of the program. */
const RUN = randomUUID();

/** The number with which the counter of every rotation begins. */
const FIRST_ROTATION = 1;

/**
 * The same, and whether its bridge is new in this run: by the run that made the password, which it keeps with it. A rotation replaces the
 * password, and the engine then tells the new one this run as well; so once a counter has moved, nothing is known to be new.
 */
export function memberPassword(
  name: string,
  rotation: number,
  parent: pulumi.Resource,
): { result: pulumi.Output<string>; isNew: Promise<boolean> } {
  const made = new random.RandomPassword(
    name,
    { length: PASSWORD_LENGTH, special: false, keepers: { rotation: String(rotation), run: RUN } },
    childOf(parent, { ignoreChanges: ["keepers.run"] }),
  );
  // A preview makes nothing.
  const isNew =
    pulumi.runtime.isDryRun() || rotation !== FIRST_ROTATION
      ? Promise.resolve(false)
      : new Promise<boolean>((resolve) =>
          made.keepers.apply((kept) => {
            resolve(kept?.["run"] === RUN);
          }),
        );
  return { result: made.result, isNew };
}

/** The generated passwords of the deployment's own logins; each bridge and each recorder makes its own. */
export class Credentials extends pulumi.ComponentResource {
  /** jicofo's login at the main Prosody. */
  readonly focusClient: pulumi.Output<string>;
  /** jicofo's login at prosody-jvb. */
  readonly focusService: pulumi.Output<string>;
  /** The moderators' logins by name. */
  readonly moderators: pulumi.Output<Record<string, string>>;

  /** What coturn and Prosody make the participants' TURN passwords from. */
  readonly turn: pulumi.Output<string>;

  /** All of them, by the names that services know them by. */
  readonly known: KnownSecrets;

  constructor(
    name: string,
    { focusClient, focusService, turn }: SecretCounters,
    moderators: ModeratorPlan[],
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("jitsi:index:Credentials", name, { focusClient, focusService, turn }, opts);
    const made = (suffix: string, counter: number) => password(`${name}-${suffix}`, counter, this);

    this.focusClient = made("focus-client", focusClient);
    this.focusService = made("focus-service", focusService);
    this.turn = made("turn", turn);
    this.moderators = pulumi.secret(
      Object.fromEntries(
        moderators.map((each) => [each.name, made(`moderator-${each.name}`, each.rotation)]),
      ),
    );
    const { focusClient: client, focusService: service, turn: shared } = this;
    const passwords = moderators.map(({ name: one }): [string, pulumi.Output<string>] => [
      moderatorSecret(one),
      this.moderators.apply((all) => all[one] ?? ""),
    ]);
    this.known = {
      ...{ focusClient: client, focusService: service, turn: shared },
      ...Object.fromEntries(passwords),
    };
    this.registerOutputs({ moderators: this.moderators });
  }
}

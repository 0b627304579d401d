import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import { shell } from "../../services/escapers";
import { childOf } from "../childOf";
import type { Machine, SshEndpoint } from "../machines/machine";

/** The helper's entry on every host (host/audio_meet/installation.py puts it there). */
export const HELPER = "/usr/local/sbin/audio-meet";

/**
 * Failed tries that the provider forgives, with growing pauses of at most 5 s. A machine that we just made refuses connections,
 * and logins too, until it has started: 60 tries are about five minutes. A step that is not the first ends sooner (timeoutsOf).
 * One that was there before was waited for (machines/answering.ts), and a refused login is never repeated: servers ban for that.
 * Behind a jump host the provider repeats the jump host's own dial alone, which is no login: 23 tries are 76 s.
 */
const DIAL_ERROR_LIMIT = { made: 60, existing: 0, behindJumpHost: 23 };

/** For the TCP connection alone. */
const PER_DIAL_TIMEOUT_SECONDS = { made: 10, existing: 4, behindJumpHost: 4 };

/**
 * How long the provider tries to connect; what runs on the host is not bounded by it (pulumi-command, remote/commandOutputs.go), and it
 * is no input, so that another value is no change of a step. On a machine that has answered before a minute is about 20 tries.
 * One that may have been switched on just now boots.
 */
const CONNECT = { firstTime: "30m", switchedOn: "5m", again: "60s" };

/** Long enough for a first installation over a slow line. */
export const STEP_TIMEOUT_SECONDS = 1800;

/** The inputs that say what a step does. Not where: on a machine that takes the place of another one it is done there. */
const WANTED = ["create", "delete", "stdin", "triggers", "logging", "addPreviousOutputInEnv"];

/** One step on a host: a short fixed command line, all data on stdin. */
export interface StepArgs {
  machine: Machine;
  /** Command line without sudo; absent: the step acts only when it is deleted. */
  create?: pulumi.Input<string>;
  /** Command line that undoes the step; it must ignore stdin. */
  undo?: pulumi.Input<string>;
  stdin?: pulumi.Input<string>;
  /** Another value replaces the step: the new one runs first, the old one is undone with what goes away. */
  identity?: pulumi.Input<string | undefined>;
  /** Its machine may have been switched on by this run. */
  mayBoot?: boolean;
  /** The first step on the host: where sudo is refused, it says how to allow it. */
  isFirst?: boolean;
  /** Stdin and output are secret. */
  secret?: boolean;
  /** Stdout is a document for the program, not for the reader of the log. */
  quiet?: boolean;
  /** Longest run on the host; a hanging apt mirror ends there. */
  timeoutSeconds?: number;
  /** The same of `create` alone, where that waits for people. */
  createSeconds?: number;
}

/**
 * A step as a resource. It runs again when one of its inputs changes, and from the start when its machine is replaced.
 * `undoOnReplacedMachine`: the undo also runs when the machine itself goes (a drain); otherwise a machine that goes
 * takes everything with it and nothing is undone. `keepsInputs`: its machine is off, so that it stays as it was, whatever is wanted by
 * now; one that is made now is made as wanted.
 */
export function step(
  name: string,
  args: StepArgs,
  opts: {
    parent: pulumi.Resource;
    dependsOn: pulumi.Resource[] | Promise<pulumi.Resource[]>;
    undoOnReplacedMachine?: boolean;
    protect?: boolean;
    keepsInputs?: boolean;
  },
): command.remote.Command {
  const { machine, create, undo, stdin, secret = false, timeoutSeconds = STEP_TIMEOUT_SECONDS } = args;
  const vm = machine.resource;
  return new command.remote.Command(
    name,
    {
      connection: connectionOf(machine),
      ...(create !== undefined && {
        create: asRoot(
          machine,
          create,
          args.createSeconds ?? timeoutSeconds,
          args.isFirst && sudoProof(machine),
        ),
      }),
      ...(undo !== undefined && { delete: asRoot(machine, undo, timeoutSeconds) }),
      ...(stdin !== undefined && { stdin: secret ? pulumi.secret(stdin) : stdin }),
      ...(args.identity !== undefined && { triggers: triggersOf(args.identity) }),
      ...(args.quiet && { logging: "stderr" }),
      ...(secret && { logging: "none" }),
      addPreviousOutputInEnv: false,
    },
    childOf(opts.parent, {
      dependsOn: opts.dependsOn,
      hideDiffs: ["connection"],
      customTimeouts: timeoutsOf(args),
      ...(secret && { additionalSecretOutputs: ["stdout", "stderr"] }),
      ...(opts.protect === true && { protect: true }),
      ...(opts.keepsInputs === true && { ignoreChanges: WANTED }),
      ...(vm && { replaceWith: [vm] }),
      ...(vm && opts.undoOnReplacedMachine !== true && { deletedWith: vm }),
    }),
  );
}

/** A machine that we made may boot before its first step alone, or where it was switched on. A step that waits for people says so for hours, and no longer than this. */
function timeoutsOf({ machine, create, isFirst, mayBoot, createSeconds }: StepArgs): pulumi.CustomTimeouts {
  const { firstTime } = CONNECT;
  const again = mayBoot === true ? CONNECT.switchedOn : CONNECT.again;
  const isMade = machine.resource !== undefined && machine.jumpHost === undefined;
  if (!isMade || create === undefined || createSeconds !== undefined)
    return { create: firstTime, update: firstTime, delete: firstTime };
  return { create: isFirst ? firstTime : again, update: again, delete: again };
}

/** A text that is none makes no trigger. */
function triggersOf(identity: pulumi.Input<string | undefined>): pulumi.Output<string[]> {
  const known = pulumi.output(identity).apply((text) => (text === undefined ? undefined : [text]));
  return known as pulumi.Output<string[]>;
}

/** The command as root: `sudo -n` fails at once where a password would be asked. */
function asRoot(
  machine: Machine,
  commandLine: pulumi.Input<string>,
  timeoutSeconds: number,
  proof: string | false = "",
) {
  const prefix = `${machine.ssh.user === "root" ? "" : "sudo -n "}timeout ${timeoutSeconds} `;
  return pulumi.output(commandLine).apply((command) => (proof || "") + prefix + command);
}

/** A word of our own behind the word of sudo. */
function sudoProof({ ssh }: Machine): string {
  if (ssh.user === "root") return "";
  // What has a meaning in a line of sudoers(5) stands behind a backslash.
  const entry = `${ssh.user.replace(/[^\w.+-]/g, "\\$&")} ALL=(ALL) NOPASSWD: ALL`;
  const remedy = `printf '%s\\n' ${shell(entry)} >/etc/sudoers.d/audio-meet`;
  const text = `audio-meet: sudo needs a password for ${ssh.user}; allow it: ${remedy}`;
  return `sudo -n true || { printf '%s\\n' ${shell(text)} >&2; exit 1; }; `;
}

/** Built field by field: an unknown field would make the provider print the whole connection, key included. */
function connectionOf(machine: Machine): command.types.input.remote.ConnectionArgs {
  const { ssh, jumpHost, privateKey, resource } = machine;
  if (jumpHost === undefined) return endpointOf(ssh, privateKey, resource ? "made" : "existing");
  return {
    ...endpointOf(ssh, privateKey, "behindJumpHost"),
    proxy: endpointOf(jumpHost, privateKey, "existing"),
  };
}

function endpointOf(
  endpoint: SshEndpoint,
  privateKey: pulumi.Input<string> | undefined,
  origin: keyof typeof DIAL_ERROR_LIMIT,
) {
  return {
    host: endpoint.address,
    user: endpoint.user,
    port: endpoint.port,
    hostKey: endpoint.hostKey,
    ...(privateKey !== undefined && { privateKey }),
    dialErrorLimit: DIAL_ERROR_LIMIT[origin],
    perDialTimeout: PER_DIAL_TIMEOUT_SECONDS[origin],
  };
}

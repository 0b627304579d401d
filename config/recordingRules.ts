import { recordersOf, type Breach } from "./breach";
import type { Draft } from "./draft";

const KEYS = { access: "jitsi:recordingAccessKey", secret: "jitsi:recordingSecretKey" } as const;

/** A recorder without a storage. */
export function missingRecording(draft: Draft): Breach[] {
  const [first] = recordersOf(draft);
  if (first === undefined || draft.recording !== undefined) return [];
  const fix =
    "Write it as in jitsi:recording: { storage: { bucket: meet-recordings, region: eu-central-1 } }.";
  return [{ key: "jitsi:recording", finding: `is missing, and ${first.key} is a recorder`, fix }];
}

/** Rotation counters of no recorder: a typo in one would leave the password that somebody wanted to be rid of. */
export function foreignRecorderCounters(draft: Draft): Breach[] {
  if (draft.regions === undefined) return [];
  const ids = new Set(recordersOf(draft).map(({ id }) => id));
  return draft.countedRecorders
    .filter(({ id }) => !ids.has(id))
    .map(({ key }) => ({
      key,
      finding: "is a password counter for an id that is not a recorder's",
      fix: "Use the id of a recorder of `jitsi:regions`, or remove it.",
    }));
}

/** Keys of a bucket that is not there. `jitsi:recording` itself may stand without a recorder: the core is ready for one. */
export function idleRecordingKeys({ recording, recordingKeys }: Draft): Breach[] {
  if (recording !== undefined) return [];
  return (["access", "secret"] as const)
    .filter((which) => recordingKeys[which])
    .map((which) => ({
      key: KEYS[which],
      finding: "is set, but jitsi:recording is not (value not shown)",
      fix: `Remove it with: pulumi config rm ${KEYS[which]} --stack STACK`,
    }));
}

/** Half of the keys, or none where nothing else lets a recorder in. */
export function recordingKeys(draft: Draft): Breach[] {
  const recorders = recordersOf(draft);
  const { recording, recordingKeys: given } = draft;
  if (recording === undefined) return [];
  const missing = (["access", "secret"] as const).filter((which) => !given[which]);
  // Where there is no recorder nobody needs a way in.
  const hasRole = !recording.hasEndpoint && recorders.every(({ provider }) => provider === "aws");
  if (missing.length === 2 && (hasRole || recorders.length === 0)) return [];
  return missing.map((which) => ({
    key: KEYS[which],
    finding: "is missing",
    fix: `Set it with: pulumi config set --secret ${KEYS[which]} --stack STACK`,
  }));
}

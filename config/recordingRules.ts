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

/** Keys about recordings that nobody makes. */
export function idleRecording(draft: Draft): Breach[] {
  if (draft.regions === undefined || recordersOf(draft).length > 0) return [];
  const fix = "Add a recorder, as in recorders: [{ id: rec-1 }], or take the key out.";
  const { recording, recordingKeys } = draft;
  return [
    ...(recording === undefined
      ? []
      : [{ key: "jitsi:recording", finding: "is there, but no region has a recorder", fix }]),
    ...(["access", "secret"] as const)
      .filter((which) => recordingKeys[which])
      .map((which) => ({
        key: KEYS[which],
        finding: "is there, but no region has a recorder (value not shown)",
        fix: `Remove it with: pulumi config rm ${KEYS[which]} --stack STACK`,
      })),
  ];
}

/** Half of the keys, or none where nothing else lets a recorder in. */
export function recordingKeys(draft: Draft): Breach[] {
  const recorders = recordersOf(draft);
  const { recording, recordingKeys: given } = draft;
  if (recorders.length === 0 || recording === undefined) return [];
  const missing = (["access", "secret"] as const).filter((which) => !given[which]);
  const hasRole = !recording.hasEndpoint && recorders.every(({ provider }) => provider === "aws");
  if (missing.length === 2 && hasRole) return [];
  return missing.map((which) => ({
    key: KEYS[which],
    finding: "is missing",
    fix: `Set it with: pulumi config set --secret ${KEYS[which]} --stack STACK`,
  }));
}

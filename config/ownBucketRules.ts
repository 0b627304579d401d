import { AWS_REGIONS } from "../facts/prices";
import type { Breach } from "./breach";
import type { Draft } from "./draft";
import { shown } from "./quoted";

const STORAGE = "jitsi:recording.storage";

/** A bucket of ours lies at Amazon, in a region that it has. */
export function ownBuckets({ recording }: Draft): Breach[] {
  if (recording?.hasOwnBucket !== true) return [];
  const { hasEndpoint, bucketRegion } = recording;
  if (hasEndpoint)
    return [
      {
        key: `${STORAGE}.endpoint`,
        finding: "is set together with create",
        fix: "Remove one of the two: at another storage, create the bucket by hand.",
      },
    ];
  if (bucketRegion === undefined || Object.hasOwn(AWS_REGIONS, bucketRegion)) return [];
  const fix = "Use the region nearest to the recorders, as in eu-central-1.";
  return [
    {
      key: `${STORAGE}.region`,
      finding: `is ${shown(bucketRegion, { words: Object.keys(AWS_REGIONS) })}`,
      fix,
    },
  ];
}

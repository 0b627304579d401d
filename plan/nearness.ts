import type { Settings } from "../config/schema";
import type { NearnessPlan } from "./types";

/** From where participants get a bridge of which region. */
export function nearnessPlan({ regions, participants }: Settings): NearnessPlan {
  const { regionHeader } = participants;
  return {
    networks: regions.flatMap(({ name: region, participants: near }) =>
      (near?.networks ?? []).map((network) => ({ network, region })),
    ),
    ...(regionHeader !== undefined && {
      header: {
        name: regionHeader,
        values: regions.flatMap(({ name: region, participants: near }) =>
          (near?.headerValues ?? []).map((value) => ({ value, region })),
        ),
      },
    }),
  };
}

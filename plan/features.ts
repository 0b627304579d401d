import type { Settings } from "../config/schema";
import type { DeploymentPlan, FeaturesPlan } from "./types";

/** The switches as they come out: without Jitsi's modules nothing that one of them does. */
export function planFeatures(features: Settings["features"]): FeaturesPlan {
  if (features.jitsiModules) return features;
  const { prejoinPage, displayNameRequired, chat, reactions } = features;
  const { streamManagement, broadcastOnce, slimPresences } = features;
  return {
    ...{ prejoinPage, displayNameRequired, chat, reactions },
    ...{ streamManagement, broadcastOnce, slimPresences },
    jitsiModules: false,
    avModeration: false,
    endConference: false,
    lobby: false,
    breakoutRooms: false,
    polls: false,
    speakerStats: false,
  };
}

/** What the features cost the audience, in one line each; nothing where they cost nothing worth a warning. */
export function featureWarnings({ features, audienceParticipants }: DeploymentPlan): string[] {
  const { joinRateLimit: rate, maxRoomParticipants: most } = features;
  const warnings: string[] = [];
  if (rate !== undefined && audienceParticipants > rate) {
    const seconds = Math.ceil(audienceParticipants / rate);
    warnings.push(
      `jitsi:features.joinRateLimit allows ${rate} joins per second: if ${audienceParticipants} participants join at once, the last one waits ${seconds} s`,
    );
  }
  if (most !== undefined && audienceParticipants > most) {
    warnings.push(
      `jitsi:features.maxRoomParticipants allows ${most} participants in a room, but jitsi:audience expects ${audienceParticipants}`,
    );
  }
  return warnings;
}

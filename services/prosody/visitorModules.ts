import type { DeploymentPlan, VisitorNode } from "../../plan/types";
import { OWN_LIBRARIES, TURN_MODULES } from "./modules";

/** Lua files of ours that every node has. */
export const OWN_NODE_FILES = [
  ...["audio_only", "broadcast_once", "daemon_sessions", "fresh_reading", "login_limits", "lost_rooms"],
  ...["node_links", "own_sources", "participant_bounds", "room_requests", "session_overlap", "stanza_limits"],
  ...["visitor_rooms", "websocket_frames"],
]
  .map((name) => `mod_${name}`)
  .concat(OWN_LIBRARIES.map((name) => `${name}.lib`));

/** Those of them for TURN. */
export const TURN_NODE_FILES = ["mod_turn_secret", "mod_turn_sessions"];

/**
 * Modules of a node by host. focus_hold is not among them: jicofo takes requests on no connection but that of the main Prosody, so that
 * nobody could ask it back into a node's room.
 */
export function nodeModules(
  { features, turn }: DeploymentPlan,
  { domain, auth, conference }: VisitorNode,
): Record<string, string[]> {
  return {
    [domain]: [
      ...["websocket", "audio_only", "own_sources", "participant_bounds", "room_requests"],
      ...(turn === undefined ? [] : TURN_MODULES),
      ...["jiconop", "features_identity", "conference_duration"],
      ...(features.streamManagement ? ["smacks"] : []),
    ],
    [auth]: ["smacks", "daemon_sessions", "login_limits"],
    [conference]: [
      ...["muc", "muc_hide_all", "session_overlap", "visitor_rooms", "lost_rooms"],
      ...(features.broadcastOnce ? ["broadcast_once"] : []),
      // The first holds who comes before jicofo has told the second of the main participants.
      ...["muc_meeting_id", "fmuc"],
    ],
  };
}

import type { Problem } from "../field";
import type { Setting } from "./reading";
import {
  keyInstead,
  REASONS,
  refused,
  settingName,
  repeatedSettings,
  secretProblem,
  type Reason,
} from "./refusals";

const MODULES: Reason = {
  rule: "The deployment chooses the modules: what participants may send depends on each of them.",
  fix: "Remove it; jitsi:features switches what participants find.",
};
const BOUNDS: Reason = {
  rule: "These bounds keep one participant from stopping everybody; they follow from jitsi:audience.",
  fix: "Remove it, and set jitsi:audience.participants to the size of the largest room.",
};
const FILES: Reason = { rule: "Files, storage and processes of Prosody belong to the deployment." };

/** Names of options, by what they would undo. The first that fits is told. */
const REFUSED: [names: RegExp, reason: Reason][] = [
  [/module|^plugin|^installer_|^community_/, MODULES],
  [/^(stanza_limits|websocket_frames|room_requests|feature_bounds|participant_bounds|login_limits)_/, BOUNDS],
  [/^(unlimited_jids|limits)$|^limits_|stanza_size_limit$|^muc_room_requests/, BOUNDS],
  [
    /^(audio_only|bridge_bounds|brewery|daemon_sessions|expiry_hold|focus|recorder|session_overlap|broadcast_once|audio_meet)_/,
    REASONS.own,
  ],
  [
    /^token_|^asap_|^app_(id|secret)$|^authori|^authentication|^allow_|_user_role$|sasl|^anonymous|^registration/,
    REASONS.access,
  ],
  [/^(admins?|admin_.*|component_admins_as_room_owners|.*password.*)$/, REASONS.logins],
  [/ssl|tls|certificate|encrypt|secure|verif|dane|unencrypted/, REASONS.verification],
  [
    /_ports?$|^ports?$|interfaces?$|_address(es)?$|_url$|^use_ipv|^trusted_proxies$|^http_(default_)?hosts?$/,
    REASONS.ports,
  ],
  [/^turn|^external_service/, keyInstead("jitsi:turn")],
  [/^muc_max_occupants$/, keyInstead("jitsi:features.maxRoomParticipants")],
  [
    /^(visitor|promoted_names|auto_allow_visitor|node_links$|main_domain$)/,
    keyInstead("jitsi:audience.speakers"),
  ],
  [/^muc_rate_/, keyInstead("jitsi:features.joinRateLimit")],
  [
    /_(path|paths|file|files|dir)$|^pidfile$|storage|^sql|^log$|^daemonize$|^prosody_|^umask$|^run_as_root$/,
    FILES,
  ],
  [/^openmetrics_|^statistics/, REASONS.drain],
];

/** Options that the configuration of one of the two Prosodys says already; a contract test holds the list. */
const OWN = new Set(
  [
    "breakout_rooms_component breakout_rooms_muc contact_info default_user_role gc http_ports lobby_muc main_muc",
    "muc_access_whitelist muc_component muc_filter_whitelist muc_lobby_whitelist muc_mapper_domain_base",
    "muc_mapper_domain_prefix muc_password_whitelist muc_room_allow_persistent muc_room_cache_size",
    "muc_room_default_history_length muc_room_default_public_jids muc_room_locking muc_tombstones network_backend",
    "network_settings restrict_room_creation smacks_hibernation_time smacks_max_old_sessions",
    "smacks_max_unacked_stanzas target_address",
  ].flatMap((line) => line.split(" ")),
);

/** Why a Prosody gets no such option from a text of the operator; undefined where it may. */
export function refusedOption(name: string): Reason | undefined {
  const [, reason] = REFUSED.find(([names]) => names.test(name)) ?? [];
  return reason ?? (OWN.has(name) ? REASONS.own : undefined);
}

/** Everything that is wrong with options of a Prosody. */
export function prosodyProblems(settings: Setting[]): Problem[] {
  const judged = settings.flatMap((setting) => {
    const [name = ""] = setting.path;
    const reason = refusedOption(name);
    return reason ? [refused(settingName(name), setting.line, reason)] : (secretProblem(setting) ?? []);
  });
  return [...judged, ...repeatedSettings(settings)];
}

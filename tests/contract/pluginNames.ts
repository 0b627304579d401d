/**
 * What Jitsi's modules ask Lua for, as far as the product loads them, with the modules and libraries of Jitsi that come along.
 * Source: resources/prosody-plugins of jitsi/jitsi-meet, August 2026 (package jitsi-meet-prosody 1.0.9300). Where
 * LAB_JITSI_PLUGINS names a folder with the plugins, the list is held against it.
 */
export const REQUIRED: Record<string, string[]> = {
  av_moderation_component: ["cjson.safe", "util.array", "util.stanza"],
  client_proxy: ["util.array", "util.jid", "util.stanza"],
  conference_duration: ["util.iterators"],
  end_conference: [],
  features_identity: [],
  fmuc: [
    ...["cjson.safe", "util.array", "util.cache", "util.datetime", "util.filters", "util.id", "util.jid"],
    ...["util.set", "util.stanza"],
  ],
  jiconop: ["util.stanza"],
  jitsi_permissions: ["util.filters", "util.jid"],
  jitsi_session: ["util.http"],
  muc_breakout_rooms: ["cjson.safe", "util.async", "util.cache", "util.jid", "util.stanza", "util.uuid"],
  muc_filter_access: ["util.jid"],
  muc_hide_all: ["util.jid", "util.stanza"],
  muc_lobby_rooms: [
    ...["cjson.safe", "util.async", "util.encodings", "util.filters", "util.jid", "util.stanza"],
  ],
  muc_max_occupants: ["util.iterators", "util.jid", "util.stanza"],
  muc_meeting_id: ["cjson.safe", "util.jid", "util.queue", "util.stanza", "util.uuid"],
  muc_password_whitelist: ["util.jid"],
  muc_rate_limit: ["core.statsmanager", "util.queue", "util.stanza", "util.throttle", "util.timer"],
  polls_component: ["cjson.safe", "util.array", "util.iterators", "util.jid", "util.stanza"],
  room_destroy: [],
  room_metadata_component: [
    ...["util.array", "util.datetime", "util.filters", "util.jid", "util.json", "util.stanza"],
  ],
  speakerstats_component: [
    ...["cjson.safe", "socket", "util.array", "util.async", "util.jid", "util.queue", "util.stanza"],
  ],
  util: [
    ...["core.usermanager", "net.http", "net.http.server", "util.array", "util.async", "util.cache"],
    ...["util.jid", "util.set", "util.stanza", "util.timer"],
  ],
  visitors: ["cjson.safe", "util.cache", "util.id", "util.jid", "util.stanza"],
  visitors_component: [
    ...[
      "cjson.safe",
      "inspect",
      "net.http",
      "util.array",
      "util.cache",
      "util.id",
      "util.jid",
      "util.stanza",
    ],
    ...["util.uuid"],
  ],
};

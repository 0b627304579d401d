/** One panel: lines of a unit as Grafana names units, each with its legend. */
export interface Panel {
  title: string;
  unit: string;
  queries: [legend: string, expression: string][];
}

/** One dashboard; `variable` is a metric whose hosts can be chosen. */
export interface Dashboard {
  uid: string;
  title: string;
  variable?: string;
  panels: Panel[];
}

const panel = (title: string, unit: string, ...queries: Panel["queries"]): Panel => ({
  title,
  unit,
  queries,
});

const rooms: Dashboard = {
  uid: "audio-meet-rooms",
  title: "Audio Meet: rooms",
  panels: [
    panel(
      "Participants",
      "short",
      ["participants", "jitsi_jicofo_participants_current"],
      ["largest room", "jitsi_jicofo_largest_conference"],
    ),
    panel("Rooms", "short", ["rooms", "jitsi_jicofo_conferences"]),
    panel(
      "Bridges",
      "short",
      ["in the plan", "audio_meet_planned_bridges"],
      ["known", "jitsi_jicofo_bridge_selector_bridge_count"],
      ["in use", "jitsi_jicofo_bridge_selector_bridge_count_operational"],
    ),
    panel("Endpoints by bridge", "short", ["{{instance}}", "jitsi_jvb_local_endpoints"]),
    panel("Processor of each Prosody (1 = the one core that it can use)", "percentunit", [
      "{{groupname}}",
      'sum by (groupname) (rate(namedprocess_namegroup_cpu_seconds_total{groupname=~"prosody.*"}[1m]))',
    ]),
    panel(
      "Visitors by node, and nodes that answer",
      "short",
      ["{{job}}", 'sum by (job) (prosody_mod_c2s__connections{host=~"v[0-9]+\\\\.meet\\\\.jitsi"})'],
      ["nodes that answer", 'sum(up{job=~"prosody-v[0-9]+"})'],
    ),
    panel("XMPP connections", "short", [
      "{{job}} {{host}}",
      "sum by (job, host) (prosody_mod_c2s__connections)",
    ]),
    panel(
      "Restarts and ICE failures a minute",
      "short",
      ["restarts asked for", "60 * rate(jitsi_jicofo_participants_restart_requested_total[5m])"],
      ["ICE failed", "60 * rate(jitsi_jicofo_participants_ice_failed_total[5m])"],
    ),
    panel(
      "Requests at nginx a second",
      "reqps",
      ["requests", "rate(nginx_http_requests_total[1m])"],
      ["connections", "nginx_connections_active"],
    ),
  ],
};

const bridges: Dashboard = {
  uid: "audio-meet-bridges",
  title: "Audio Meet: bridges",
  variable: "jitsi_jvb_stress",
  panels: [
    panel("Stress (0.8 is overloaded)", "percentunit", [
      "{{instance}}",
      'jitsi_jvb_stress{instance=~"$host"}',
    ]),
    panel("Endpoints", "short", ["{{instance}}", 'jitsi_jvb_current_endpoints{instance=~"$host"}']),
    panel(
      "Packets a second",
      "pps",
      ["{{instance}} in", 'jitsi_jvb_incoming_packet_rate{instance=~"$host"}'],
      ["{{instance}} out", 'jitsi_jvb_outgoing_packet_rate{instance=~"$host"}'],
    ),
    panel(
      "Bits a second",
      "bps",
      ["{{instance}} in", 'jitsi_jvb_incoming_bitrate{instance=~"$host"}'],
      ["{{instance}} out", 'jitsi_jvb_outgoing_bitrate{instance=~"$host"}'],
    ),
    panel("Packets that stay longer than 50 ms", "percentunit", [
      "{{instance}}",
      '1 - sum by (instance) (rate(jitsi_jvb_rtp_transit_time_bucket{le=~"50(\\\\.0)?", instance=~"$host"}[1m])) / sum by (instance) (rate(jitsi_jvb_rtp_transit_time_count{instance=~"$host"}[1m]))',
    ]),
    panel(
      "ICE a minute",
      "short",
      ["{{instance}} good", '60 * rate(jitsi_jvb_ice_succeeded_total{instance=~"$host"}[5m])'],
      ["{{instance}} failed", '60 * rate(jitsi_jvb_ice_failed_total{instance=~"$host"}[5m])'],
    ),
    panel(
      "In the brewery, draining, healthy",
      "short",
      ["{{instance}} joined", 'jitsi_jvb_mucs_joined{instance=~"$host"}'],
      ["{{instance}} draining", 'jitsi_jvb_drain_mode{instance=~"$host"}'],
      ["{{instance}} healthy", 'jitsi_jvb_healthy{instance=~"$host"}'],
    ),
    panel("UDP packets dropped a second", "pps", [
      "{{instance}}",
      'rate(node_netstat_Udp_RcvbufErrors{instance=~"$host"}[1m])',
    ]),
  ],
};

const hosts: Dashboard = {
  uid: "audio-meet-hosts",
  title: "Audio Meet: hosts",
  variable: "node_uname_info",
  panels: [
    panel("Processor", "percentunit", [
      "{{instance}}",
      '1 - avg by (instance) (rate(node_cpu_seconds_total{mode="idle", instance=~"$host"}[1m]))',
    ]),
    panel("Processor by daemon (cores)", "short", [
      "{{instance}} {{groupname}}",
      'sum by (instance, groupname) (rate(namedprocess_namegroup_cpu_seconds_total{instance=~"$host"}[1m]))',
    ]),
    panel("Memory by daemon", "bytes", [
      "{{instance}} {{groupname}}",
      'namedprocess_namegroup_memory_bytes{memtype="resident", instance=~"$host"}',
    ]),
    panel("Memory left", "bytes", ["{{instance}}", 'node_memory_MemAvailable_bytes{instance=~"$host"}']),
    panel(
      "Network",
      "Bps",
      [
        "{{instance}} {{device}} in",
        'rate(node_network_receive_bytes_total{device!="lo", instance=~"$host"}[1m])',
      ],
      [
        "{{instance}} {{device}} out",
        'rate(node_network_transmit_bytes_total{device!="lo", instance=~"$host"}[1m])',
      ],
    ),
    panel("Open files against the limit", "percentunit", [
      "{{instance}} {{unit}}",
      'audio_meet_open_files{instance=~"$host"} / audio_meet_open_files_limit{instance=~"$host"}',
    ]),
    panel("Days until a certificate ends", "d", [
      "{{instance}} {{path}}",
      '(audio_meet_certificate_not_after_seconds{instance=~"$host"} - time()) / 86400',
    ]),
    panel("Recordings that wait for the bucket", "short", [
      "{{instance}}",
      'audio_meet_recordings_waiting{instance=~"$host"}',
    ]),
    panel("Drift", "short", ["{{instance}}", 'audio_meet_drift_entries{instance=~"$host"}']),
  ],
};

/** Every dashboard. */
export const DASHBOARDS: Dashboard[] = [rooms, bridges, hosts];

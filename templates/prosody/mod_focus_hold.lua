-- A restart of jicofo that nobody in a room notices. Written by Audio Meet; changes here are overwritten.
--
-- On the components of the conference rooms. When jicofo's connection ends, the bridges carry the sound on. But each page would
-- hear that the focus has left the room, load again, and ask its user to join by hand. So:
--
-- * A room keeps jicofo as an occupant while jicofo is away, for as long as focus_hold_seconds.
-- * When jicofo is back and has a bridge, it is asked for each of these rooms as a page would ask it, and joins again.
-- * jicofo then invites everybody, and knows nothing of what was before: the room gets another meeting id, or the bridge would refuse
--   a conference that it has already. The page lets the new session take the place of the old one.

local http = require "net.http";
local json = require "util.json";
local st = require "util.stanza";
local monotonic = require "prosody.util.time".monotonic; -- a clock of the wall may be set meanwhile
local uuid = require "util.uuid".generate;
local bare = require "util.jid".bare;

local NS_FOCUS = "http://jitsi.org/protocol/focus";

local focus = module:get_option_string("focus_hold_account");
local requester = module:get_option_string("focus_hold_requester");
local statistics_url = module:get_option_string("focus_hold_statistics");
local hold_seconds = module:get_option_number("focus_hold_seconds", 45);

-- jicofo logs in at both Prosodys within a second; one that hears of no bridge for so long is asked all the same.
local BRIDGES_AFTER_SECONDS = 10;
-- A request that led to nothing is made again.
local ASK_AGAIN_SECONDS = 5;

local get_room = module:depends("muc").get_room_from_jid;

local held = {}; -- room JID -> { since, stanza, asked }
local watching, back_since, asking = false, nil, false;

local function has_others(room)
	for _, occupant in room:each_occupant() do
		if occupant.bare_jid ~= focus then
			return true;
		end
	end
	return false;
end

-- Address of jicofo once it is logged in and has announced itself; a session that only waits to be resumed does not count.
local function address_of_focus()
	local account = prosody.bare_sessions[focus];
	for _, session in pairs(account and account.sessions or {}) do
		if session.presence and not session.hibernating and not session.destroyed then
			return session.full_jid;
		end
	end
end

local function let_go(room_jid)
	local hold, room = held[room_jid], get_room(room_jid);
	held[room_jid] = nil;
	if room then
		module:log("warn", "jicofo did not come back to %s within %d s: participants are told", room_jid, hold_seconds);
		room:handle_normal_presence({ send = function() end, type = "component", host = module.host }, hold.stanza);
	end
end

local function ask_for_all(now)
	local to = address_of_focus();
	for room_jid, hold in pairs(held) do
		if to and (not hold.asked or now - hold.asked >= ASK_AGAIN_SECONDS) then
			module:log("info", "asking jicofo back into %s", room_jid);
			hold.asked = now;
			module:send(st.iq({ type = "set", id = uuid(), from = requester, to = to })
				:tag("conference", { xmlns = NS_FOCUS, room = room_jid, ["machine-uid"] = uuid() }));
		end
	end
end

local function has_bridge(body)
	local statistics = json.decode(body or "");
	local bridges = type(statistics) == "table" and statistics.bridge_selector;
	return type(bridges) == "table" and (tonumber(bridges.operational_bridge_count) or 0) > 0;
end

-- Once a second while a room is held.
local function watch()
	local now = monotonic();
	for room_jid, hold in pairs(held) do
		if not get_room(room_jid) then
			held[room_jid] = nil;
		elseif now - hold.since >= hold_seconds then
			let_go(room_jid);
		end
	end
	if next(held) == nil then
		watching = false;
		return nil;
	end
	if not address_of_focus() then
		back_since = nil;
		return 1;
	end
	back_since = back_since or now;
	if now - back_since >= BRIDGES_AFTER_SECONDS then
		ask_for_all(now);
	elseif not asking then
		asking = true;
		http.request(statistics_url, nil, function(body, code)
			asking = false;
			if code == 200 and has_bridge(body) then
				ask_for_all(monotonic());
			end
		end);
	end
	return 1;
end

-- What jicofo has not acknowledged when its connection ends goes back to whom it came from, as errors, before the connection does: in a
-- room where people mute themselves there is always something. A room takes such an error for the end of an occupant, and asks nobody.
for _, event_name in ipairs { "presence/full", "presence/bare", "message/full", "message/bare" } do
	module:hook(event_name, function(event)
		local stanza = event.stanza;
		if stanza.attr.type == "error" and bare(stanza.attr.from) == focus then
			return true;
		end
	end, 1000);
end

-- jicofo leaves a room by its own word when a conference ends; without one, its connection has ended.
module:hook("muc-occupant-pre-leave", function(event)
	local room = event.room;
	if event.occupant.bare_jid ~= focus or not event.origin.destroyed or not has_others(room) then
		return;
	end
	module:log("info", "jicofo is gone from %s without a word: the room waits for it", room.jid);
	held[room.jid] = { since = monotonic(), stanza = st.clone(event.stanza) };
	if room._data.meetingId then
		room._data.meetingId = uuid();
	end
	if not watching then
		watching, back_since, asking = true, nil, false;
		module:add_timer(1, watch);
	end
	return true;
end, 1000);

module:hook("muc-occupant-session-new", function(event)
	if event.occupant.bare_jid == focus and held[event.room.jid] then
		module:log("info", "jicofo is back in %s", event.room.jid);
		held[event.room.jid] = nil;
	end
end);

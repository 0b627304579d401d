-- What the watchdog asks and does here. Written by Audio Meet; changes here are overwritten.
--
-- On the host of the accounts of the bridges; over HTTP on loopback, as jicofo's own interface that moves participants.
--
-- GET: for each bridge that is logged in, since when, whether it is in the brewery, and for how long it has said nothing. A frozen
-- bridge stays in the brewery: its kernel keeps the connection, and jicofo leaves everybody on it.
-- POST ?bridge=ID: ends the sessions of that bridge, so that jicofo sees it go and moves everybody at once; whoever can log in again
-- does so by itself. Only of one that is silent or outside the brewery: anybody on this host may ask, and no bridge at work is cut.

local jid = require "prosody.util.jid";
local json = require "prosody.util.json";
-- Not the clock of the wall: when that one is set, no bridge has been silent for an hour.
local now = require "prosody.util.time".monotonic;
local numbered_accounts = module:require "numbered_accounts";

local brewery = module:get_option_string("bridge_bounds_room");
local bridge_of = numbered_accounts(module:get_option_string("bridge_bounds_user"));

-- A bridge announces itself each 5 s: two of its presences are missing.
local SILENT_SECONDS = 10;
-- It enters the brewery a second after its login.
local ENTERS_SECONDS = 20;

local sessions_of_host = prosody.hosts[module.host].sessions;

module:hook("pre-presence/full", function(event)
	if jid.bare(event.stanza.attr.to) == brewery then
		event.origin.bridge_watch_heard = now();
	end
end, 900); -- after what is refused (bridge_bounds)

module:hook("resource-bind", function(event)
	event.session.bridge_watch_since = now();
end);

local function room_of_bridges()
	local muc = prosody.hosts[jid.host(brewery)].modules.muc;
	return muc and muc.get_room_from_jid(brewery);
end

-- Calls `visit` with bridge, session, and what is known of it.
local function each_session(visit)
	local room, at = room_of_bridges(), now();
	for username, user in pairs(sessions_of_host) do
		local id = bridge_of(username);
		for _, session in pairs(id and user.sessions or {}) do
			if not session.hibernating then
				-- Unknown of one that was there before this module.
				session.bridge_watch_since = session.bridge_watch_since or at;
				visit(id, session, {
					loggedInSeconds = at - session.bridge_watch_since,
					inBrewery = room ~= nil and room:get_occupant_by_real_jid(session.full_jid) ~= nil,
					silentSeconds = at - (session.bridge_watch_heard or session.bridge_watch_since),
				});
			end
		end
	end
end

local function is_of_no_use(known)
	return known.silentSeconds >= SILENT_SECONDS or not known.inBrewery and known.loggedInSeconds >= ENTERS_SECONDS;
end

local function answer(value)
	return { status_code = 200, headers = { content_type = "application/json" }, body = json.encode(value) };
end

local function tell()
	local bridges = {};
	each_session(function(id, _, known)
		bridges[id] = known;
	end);
	return answer { bridges = bridges };
end

local function end_sessions(event)
	local asked = (event.request.url.query or ""):match("^bridge=([%w._-]+)$");
	local ended = 0;
	each_session(function(id, session, known)
		if id == asked and is_of_no_use(known) then
			module:log("warn", "The watchdog ends %s: silent for %d s, %s the brewery", session.full_jid, known.silentSeconds,
				known.inBrewery and "in" or "not in");
			ended = ended + 1;
			session:close({ condition = "reset", text = "The watchdog asks this bridge to log in again" });
		end
	end);
	return answer { ended = ended };
end

module:depends "http";
module:provides("http", {
	name = "bridge_watch";
	default_path = "/bridges";
	route = { GET = tell, POST = end_sessions };
});

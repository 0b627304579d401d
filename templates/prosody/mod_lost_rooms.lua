-- Rooms that a visitor Prosody lost when it ended. Written by Audio Meet; changes here are overwritten.
--
-- On the component of a visitor Prosody's rooms. jicofo logs in again by itself, but does not enter the rooms again that it was in: it
-- believes that it still is, and goes on to send visitors there, each of whom is turned away until the conference ends. So this
-- Prosody keeps a list of its rooms on disk, and once jicofo is back says of each that is gone that it was destroyed. jicofo then
-- forgets this node, and enters a room anew with the next visitor.

local st = require "prosody.util.stanza";
local jid = require "prosody.util.jid";

local LOOK_AGAIN_SECONDS = 0.2;
local BEFORE_ALL = 1000;

local muc = module:depends("muc");
local store = module:open_store("lost_rooms");
local admins = module:get_option_inherited_set("admins", {});

-- Room -> true: those of before, of which jicofo has not been told, and those that are there.
local lost = store:get() or {};
local open = {};

local function keep()
	local all = {};
	for _, rooms in ipairs { lost, open } do
		for room in pairs(rooms) do
			all[room] = true;
		end
	end
	local ok, err = store:set(nil, all);
	if not ok then
		module:log("error", "The list of rooms is not written: %s. Visitors would not come back after a restart", err);
	end
end

for room in muc.all_rooms() do -- the module was loaded anew
	open[room.jid], lost[room.jid] = true, nil;
end

module:hook("muc-room-created", function(event)
	open[event.room.jid], lost[event.room.jid] = true, nil;
	keep();
end, BEFORE_ALL);

module:hook("muc-room-destroyed", function(event)
	open[event.room.jid] = nil;
	keep();
end, BEFORE_ALL);

-- jicofo's session once it is logged in.
local function session_of_jicofo()
	for admin in admins do
		local account = prosody.bare_sessions[admin];
		for _, session in pairs(account and account.sessions or {}) do
			if session.full_jid and not session.hibernating and not session.destroyed then
				return session;
			end
		end
	end
end

local function say_destroyed(room, session)
	module:log("info", "telling jicofo that %s is gone since this Prosody ended", room);
	module:send(st.presence({ type = "unavailable", from = jid.join(jid.node(room), jid.host(room), session.username), to = session.full_jid })
		:tag("x", { xmlns = "http://jabber.org/protocol/muc#user" })
			:tag("item", { affiliation = "none", role = "none" }):up()
			:tag("destroy"):text_tag("reason", "This server was started again"):up()
			:tag("status", { code = "110" }));
end

module:add_timer(LOOK_AGAIN_SECONDS, function()
	if next(lost) == nil then
		return nil;
	end
	local session = session_of_jicofo();
	if not session then
		return LOOK_AGAIN_SECONDS;
	end
	for room in pairs(lost) do
		say_destroyed(room, session);
		module:fire_event("lost-room-told", { room = room });
	end
	lost = {};
	keep();
	return nil;
end);

-- Rooms of visitors. Written by Audio Meet; changes here are overwritten.
--
-- On the component of a visitor Prosody's rooms.
--
-- * Visitors do not see each other. Prosody 13.0 has an option for it, muc_room_default_presence_broadcast, reads it as one word, and
--   so never takes what it says: everybody would hear of everybody, which is what visitors are to spare a room.
-- * Who comes before jicofo waits for it. jicofo sends the first visitors of a conference here while it enters the room itself, and
--   nobody else may make one: without this, whoever is faster is turned away. A room that this Prosody lost when it ended
--   (mod_lost_rooms) is waited for no longer than until jicofo knows: who asks again is sent to one that is there.
-- * What the room says to the main participants goes nowhere: they hear it in the main room. Jitsi's module keeps back what is for
--   accounts of the main domain, and guests of a domain of their own would hear everything once more.

local jid = require "prosody.util.jid";
local st = require "prosody.util.stanza";

local TRY_AGAIN_SECONDS, MOST_TRIES = 0.2, 50;
local MOST_WAITING = 500;

local get_room = module:depends("muc").get_room_from_jid;
local waiting = 0;
local times_lost = {}; -- room JID -> how often

module:hook("muc-room-created", function (event)
	event.room:set_presence_broadcast({ visitor = false, participant = true, moderator = true });
end, 100);

local admins = module:get_option_inherited_set("admins", {});

module:hook("lost-room-told", function (event)
	times_lost[event.room] = (times_lost[event.room] or 0) + 1;
end);

local function wait_for_jicofo(origin, stanza)
	local tries, room_jid = 0, jid.bare(stanza.attr.to);
	local lost_before = times_lost[room_jid];
	waiting = waiting + 1;
	module:add_timer(TRY_AGAIN_SECONDS, function ()
		tries = tries + 1;
		local room = get_room(room_jid);
		local is_gone = not origin.conn;
		if not room and not is_gone and tries < MOST_TRIES and times_lost[room_jid] == lost_before then
			return TRY_AGAIN_SECONDS;
		end
		waiting = waiting - 1;
		if room and not is_gone then
			room:handle_normal_presence(origin, stanza);
		elseif not is_gone then
			origin.send(st.error_reply(stanza, "cancel", "item-not-found", "No such conference here"));
		end
		return nil;
	end);
end

module:hook("muc-room-pre-create", function (event)
	local origin, stanza = event.origin, event.stanza;
	if origin.type ~= "c2s" or admins:contains(jid.bare(stanza.attr.from)) or waiting >= MOST_WAITING then
		return nil;
	end
	wait_for_jicofo(origin, st.clone(stanza));
	return true;
end, 10);

local main_hosts = module:get_option_set("visitor_rooms_main_hosts", {});

-- Before Jitsi's module (10), which lets a farewell pass: it is how the main Prosody knows that it has left.
module:hook("route/remote", function (event)
	local stanza, to = event.stanza, event.to_host;
	if main_hosts:contains(to) and (stanza.name == "presence" or stanza.name == "message") then
		return true;
	end
end, 20);

-- A recorder enters no room in which nobody asked for a recording. Written by Audio Meet; changes here are overwritten.
--
-- On the components of the rooms. The page hides recorders, no lobby keeps them out and no password or token is asked of them: whoever
-- has a recorder's host could listen anywhere. mod_recorder_bounds notes where jicofo has sent one; that is good until the room ends.

local jid = require "prosody.util.jid";
local st = require "prosody.util.stanza";

local recorders = module:get_option_string("recorder_rooms_host");
local asked_for = module:shared("/*/recorder_bounds/rooms");

module:hook("muc-occupant-pre-join", function (event)
	local stanza, room = event.stanza, event.room;
	if jid.host(stanza.attr.from) == recorders and not asked_for[room.jid] then
		module:log("warn", "%s enters no room where nothing is to be recorded: %s", stanza.attr.from, room.jid);
		event.origin.send(st.error_reply(stanza, "auth", "forbidden", "Nobody asked for a recording here", room.jid));
		return true;
	end
end, 100);

module:hook("muc-room-destroyed", function (event)
	asked_for[event.room.jid] = nil;
end);

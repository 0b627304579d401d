-- A recorder enters no room that it was not asked to record. Written by Audio Meet; changes here are overwritten.
--
-- On the components of the rooms. The page hides recorders, no lobby keeps them out and no password or token is asked of them: whoever
-- has a recorder's host could listen anywhere. mod_recorder_bounds notes where jicofo has sent which; that is good until the room ends.
-- Accounts are named as there, and one that all recorders shared before is let in wherever any of them was sent.

local jid = require "prosody.util.jid";
local st = require "prosody.util.stanza";
local numbered_accounts = module:require "numbered_accounts";

local recorders = module:get_option_string("recorder_rooms_host");
local shared_user = module:get_option_string("recorder_rooms_user");
local recorder_of = numbered_accounts(shared_user);
local asked_for = module:shared("/*/recorder_bounds/rooms");

local function may_enter(username, room)
	local asked = asked_for[room];
	return asked ~= nil and (username == shared_user or asked[recorder_of(username) or ""] == true);
end

module:hook("muc-occupant-pre-join", function (event)
	local stanza, room = event.stanza, event.room;
	local username, host = jid.split(stanza.attr.from);
	if host == recorders and not may_enter(username, room.jid) then
		module:log("warn", "%s enters no room that it was not asked to record: %s", stanza.attr.from, room.jid);
		event.origin.send(st.error_reply(stanza, "auth", "forbidden", "Nobody asked for a recording here", room.jid));
		return true;
	end
end, 100);

module:hook("muc-room-destroyed", function (event)
	asked_for[event.room.jid] = nil;
end);

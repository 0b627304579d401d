-- A node's rooms are those of the main Prosody, with visitors beside. Stand-in of the Audio Meet lab, not Jitsi's own.
local jid = require "util.jid";
local st = require "util.stanza";
local util = module:require "util";

local NS = "jitsi:visitors";
local main_domain = module:get_option_string("main_domain");
if not main_domain then
	module:log("warn", "No 'main_domain' option set, disabling fmuc plugin");
	return;
end

module:hook("muc-occupant-pre-join", function(event)
	local occupant, room = event.occupant, event.room;
	if util.is_focus(occupant.nick) then
		return nil;
	end
	if prosody.hosts[jid.host(occupant.bare_jid)] then
		occupant.role = "visitor";
	elseif room.moderators and room.moderators[jid.resource(occupant.nick)] then
		occupant.role = "moderator";
	end
end, 3);

module:hook("iq/host", function(event)
	local origin, stanza = event.origin, event.stanza;
	local said = stanza:get_child("visitors", NS);
	if stanza.attr.type ~= "set" or not said then
		return nil;
	end
	if stanza.attr.from ~= main_domain then
		module:log("warn", "not from main prosody, ignore! %s", stanza);
		return true;
	end
	local room = util.room(said.attr.room);
	local update = said:get_child("update");
	if room and update then
		room.moderators = {};
		for item in (update:get_child("moderators") or st.stanza("none")):childtags("item") do
			room.moderators[item.attr.epId] = true;
		end
	elseif room and said:get_child("disconnect") then
		room:destroy(nil, "Conference ended.");
	end
	origin.send(st.reply(stanza));
	return true;
end, 10);

-- The main participants hear nothing of the copy of their room.
module:hook("route/remote", function(event)
	local stanza = event.stanza;
	if event.to_host == main_domain and (stanza.name == "presence" or stanza.name == "message") then
		return true;
	end
end, 10);

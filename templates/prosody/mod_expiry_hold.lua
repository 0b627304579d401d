-- A bridge that shuts down carries its conferences to its end. Written by Audio Meet; changes here are overwritten.
--
-- On the component of the brewery. jicofo moves people off a bridge that announces its end, and at the same moment has it forget
-- their conferences: they would hear nothing until their new session stands. This module answers for the bridge instead, which
-- ends by itself some seconds later. mod_session_overlap of the other Prosody lets the pages hear on both bridges until then.

local bare = require "prosody.util.jid".bare;
local st = require "prosody.util.stanza";

local NS_COLIBRI2 = "jitsi:colibri2";
local NS_COLIBRI = "http://jitsi.org/protocol/colibri";

local focus = module:get_option_string("expiry_hold_account");

local ending = {}; -- occupant JIDs of bridges that have announced their end

local function announces_end(presence)
	local stats = presence:get_child("stats", NS_COLIBRI);
	for stat in (stats and stats:childtags("stat") or function() end) do
		if stat.attr.name == "shutting_down" then
			return stat.attr.value == "true";
		end
	end
	return false;
end

module:hook("presence/full", function(event)
	local presence = event.stanza;
	ending[presence.attr.to] = presence.attr.type == nil and announces_end(presence) or nil;
end, 10);

module:hook("iq/full", function(event)
	local iq = event.stanza;
	local change = ending[iq.attr.to] and iq:get_child("conference-modify", NS_COLIBRI2);
	if not change or change.attr.expire ~= "true" or bare(iq.attr.from) ~= focus then
		return;
	end
	module:log("info", "%s ends soon: it keeps conference %s until then", iq.attr.to, change.attr["meeting-id"]);
	event.origin.send(st.reply(iq):tag("conference-modified", { xmlns = NS_COLIBRI2 }));
	return true;
end, 10);

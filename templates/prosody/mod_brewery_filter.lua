-- Each bridge hears only itself in the brewery. Written by Audio Meet; changes here are overwritten.
--
-- A bridge announces itself there every five seconds, and the room tells everybody: with N bridges, N² presences that no
-- bridge reads. This module, loaded on the host of the bridges' accounts, keeps back from each of them what the room says
-- about others. Only jicofo's account hears all: a bridge more or less is nothing that has to be told here.
--
-- What is about the receiver itself is marked with status 110 (XEP-0045, section 7.2.2), which need not be the first
-- status: at a join 100 and 201 stand before it. Without that presence a bridge would never know that it is in.

local NS_MUC_USER = "http://jabber.org/protocol/muc#user";

local brewery = module:get_option_string("brewery_filter_room");
local listener = module:get_option_string("brewery_filter_listener");

local function bare(jid)
	return jid and jid:match("^[^/]+");
end

local function is_about_receiver(presence)
	for _, x in ipairs(presence.tags) do
		if x.name == "x" and x.attr.xmlns == NS_MUC_USER then
			for _, status in ipairs(x.tags) do
				if status.name == "status" and status.attr.code == "110" then
					return true;
				end
			end
		end
	end
	return false;
end

-- Before the host delivers a presence to a session; true ends its way here.
module:hook("presence/full", function(event)
	local presence = event.stanza;
	if bare(presence.attr.to) == listener or bare(presence.attr.from) ~= brewery then
		return;
	end
	-- Why a bridge could not join is an error, and it carries no status.
	if presence.attr.type ~= "error" and not is_about_receiver(presence) then
		return true;
	end
end, 1000);

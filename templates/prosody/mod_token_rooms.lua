-- Rooms by token. Written by Audio Meet; changes here are overwritten.
--
-- On the component of the rooms. Who logged in by token enters the room that it names, or any if it names none and need not;
-- where the token says that somebody moderates, he becomes an owner. jicofo makes no owners here
-- (conference.enable-auto-owner = false): otherwise the first to come would be one, whatever the token says.
-- Accounts of our own daemons, which log in by password, enter every room. Nobody else enters any.

local bare = require "prosody.util.jid".bare;
local host = require "prosody.util.jid".host;
local node = require "prosody.util.jid".node;
local st = require "prosody.util.stanza";

-- Accounts, and hosts of accounts.
local exempt = module:get_option_set("token_rooms_exempt", {});

local function may_enter(session, stanza)
	if exempt:contains(bare(stanza.attr.from)) or exempt:contains(host(stanza.attr.from)) then
		return true;
	end
	local token = session.meet_token;
	return token ~= nil and (token.room == "*" or token.room == node(stanza.attr.to));
end

local function on_entry(event)
	local session, stanza = event.origin, event.stanza;
	if not may_enter(session, stanza) then
		module:log("info", "%s has no token for %s", stanza.attr.from, bare(stanza.attr.to));
		session.send(st.error_reply(stanza, "cancel", "not-allowed", "The token is for another room"));
		return true;
	end
end

module:hook("muc-room-pre-create", on_entry, 99);
module:hook("muc-occupant-pre-join", on_entry, 99);

-- Before the room decides on the role of the newcomer, and after the look at the token.
module:hook("muc-occupant-pre-join", function (event)
	local token = event.origin.meet_token;
	if token and token.is_moderator then
		event.room:set_affiliation(true, event.occupant.bare_jid, "owner");
		event.occupant.role = "moderator";
	end
end, 2);

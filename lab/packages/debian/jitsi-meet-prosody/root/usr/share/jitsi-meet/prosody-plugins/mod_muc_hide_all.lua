-- Rooms are in no list and tell nothing to outsiders. Stand-in of the Audio Meet lab, not Jitsi's own.
local jid = require "util.jid";
local st = require "util.stanza";
local util = module:require "util";

module:hook("muc-room-pre-create", function(event)
	event.room:set_hidden(true);
end, -1);

for _, kind in ipairs { "bare", "host" } do
	module:hook("iq-get/" .. kind .. "/http://jabber.org/protocol/disco#info:query", function(event)
		local stanza = event.stanza;
		local room = util.room(jid.bare(stanza.attr.to));
		if room and not room:get_occupant_by_real_jid(stanza.attr.from) then
			event.origin.send(st.error_reply(stanza, "auth", "forbidden"));
			return true;
		end
	end, 1);
end

-- Who is too many stays outside. Stand-in of the Audio Meet lab, not Jitsi's own.
local st = require "util.stanza";
local util = module:require "util";

local most = module:get_option_number("muc_max_occupants", -1);
local is_listed = util.listed("muc_access_whitelist");

if most > 0 then
	module:hook("muc-occupant-pre-join", function(event)
		local room, stanza = event.room, event.stanza;
		if is_listed(stanza.attr.from) or room:get_occupant_by_real_jid(stanza.attr.from) then
			return;
		end
		local count = 0;
		for _, occupant in room:each_occupant() do
			count = count + (is_listed(occupant.bare_jid) and 0 or 1);
		end
		if count >= most then
			module:log("info", "Attempt to enter a maxed out room: %s", room.jid);
			event.origin.send(st.error_reply(stanza, "cancel", "service-unavailable"));
			return true;
		end
	end, 10);
end

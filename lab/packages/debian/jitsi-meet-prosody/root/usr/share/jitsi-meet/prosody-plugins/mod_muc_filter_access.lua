-- Nobody but the daemons enters these rooms. Stand-in of the Audio Meet lab, not Jitsi's own.
local jid = require "util.jid";

local allowed = module:get_option_set("muc_filter_whitelist");
if not allowed then
	module:log("warn", "No 'muc_filter_whitelist' option set, disabling muc_filter_access, plugin inactive");
	return;
end

for _, kind in ipairs { "host", "bare", "full" } do
	module:hook("presence/" .. kind, function(event)
		if not allowed:contains(jid.host(event.stanza.attr.from)) then
			module:log("error", "Filtering unauthorized presence: %s", event.stanza:top_tag());
			return true;
		end
	end, 2000);
end

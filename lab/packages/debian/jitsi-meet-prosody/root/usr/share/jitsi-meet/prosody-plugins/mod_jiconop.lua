-- Tells at login which components there are. Stand-in of the Audio Meet lab, not Jitsi's own.
local st = require "util.stanza";
module:require "util";
module:depends("external_services");

local main_host = module:get_option_string("muc_mapper_domain_base");
if not main_host then
	module:log("warn", "No muc_mapper_domain_base option set.");
	return;
end

module:hook("resource-bind", function(event)
	local query, told = st.stanza("query", { xmlns = "http://jabber.org/protocol/disco#info" }), {};
	for _, identity in ipairs(module:context(main_host):get_host_items("identity")) do
		local key = identity.category .. "/" .. identity.type;
		if not told[key] then
			query:tag("identity", identity):up();
		end
		told[key] = true;
	end
	event.session.send(st.message({ from = module.host, to = event.session.full_jid }):add_child(query));
end);

-- What the page's connection says of itself. Stand-in of the Audio Meet lab, not Jitsi's own.
module:set_global();

local formdecode = require "util.http".formdecode;
local region_header = module:get_option_string("region_header_name", "x_proxy_region");

local function remember(event)
	local session, request = event.session, event.request;
	session.user_region = request.headers[region_header];
	if request.url.query then
		local values = formdecode(request.url.query);
		session.previd = values.previd;
		session.customusername = values.customusername;
		session.jitsi_web_query_room = values.room;
		session.jitsi_web_query_prefix = values.prefix or "";
		session.auth_token = values.token;
	end
end

module:hook_global("bosh-session", remember, 1);
module:hook_global("websocket-session", remember, 1);

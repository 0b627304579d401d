-- The Prosodys of a deployment speak to each other, and to nobody else. Written by Audio Meet; changes here are overwritten.
--
-- Where there are visitors, the main Prosody and theirs are servers to each other (XMPP's s2s). For every host and component:
--
-- * What is for a server that is not in the list goes nowhere, and none of those gets in.
-- * Nobody is looked up: each of the list is at its port of this host. Their names are nobody's in the DNS.
--
-- Who each of them is, Prosody itself verifies by certificate (s2s_secure_auth).

module:set_global();

local basic_resolver = require "prosody.net.resolvers.basic";
local st = require "prosody.util.stanza";

local HERE = "127.0.0.1";
-- Before the routing of mod_s2s (-1 and -10), and before whoever keeps something back.
local BEFORE_ALL = 1000;

-- Host -> port.
local links = module:get_option("node_links", {});

-- Host -> its events: a host that comes once more has others.
local attached = {};

local function attach(host)
	local events = prosody.hosts[host].events;
	if attached[host] == events then
		return;
	end
	attached[host] = events;
	local context = module:context(host);

	context:hook("route/remote", function (event)
		if links[event.to_host] then
			return nil;
		end
		local stanza = event.stanza;
		local kind = stanza.attr.type;
		if kind ~= "error" and not (stanza.name == "iq" and kind == "result") then
			context:send(st.error_reply(stanza, "cancel", "remote-server-not-found", "There is no other server"));
		end
		return true;
	end, BEFORE_ALL);

	context:hook("s2s-stream-features", function (event)
		local from = event.origin.from_host;
		if not (from and links[from]) then
			event.origin:close({ condition = "policy-violation", text = "There is no other server" });
		end
	end, BEFORE_ALL);

	context:hook("s2sout-pre-connect", function (event)
		event.resolver = basic_resolver.new(HERE, links[event.session.to_host], "tcp", {});
	end, BEFORE_ALL);
end

for host in pairs(prosody.hosts) do
	attach(host);
end
module:hook("host-activated", attach);

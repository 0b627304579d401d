-- Client proxy of the Audio Meet lab: a component (focus.D) that lends its address to one client (the focus).
--
--   Component "focus.D" "client_proxy"
--       target_address = "focus@auth.D"
--
-- A stanza to the component goes to the newest session of the target; its sender becomes the component's address
-- with the real sender as the resource, which is how the focus reads who asked. An answer to such an address goes
-- back to the real sender, from the component. The sessions are learned from the target's presence, so that the
-- target's roster must let the component see it; while none is known, queries get service-unavailable.

if module:get_host_type() ~= "component" then
	error("client_proxy must be loaded as a component");
end

local jid = require "util.jid";
local st = require "util.stanza";

local host = module.host;
local target = assert(module:get_option_string("target_address"), "client_proxy: target_address is not set");

local sessions = {}; -- full JIDs of the target, oldest first

local function forget(session)
	for i = #sessions, 1, -1 do
		if sessions[i] == session then
			table.remove(sessions, i);
		end
	end
end

local function is_query(stanza)
	return stanza.name == "iq" and (stanza.attr.type == "get" or stanza.attr.type == "set");
end

-- From the target: what is addressed to focus.D/<client> goes to that client.
local function from_target(stanza)
	local _, _, client = jid.split(stanza.attr.to);
	if not (client and jid.prep(client)) then
		if is_query(stanza) then
			module:send(st.error_reply(stanza, "cancel", "item-not-found", "The address names no client"));
		end
		return;
	end
	local copy = st.clone(stanza);
	copy.attr.to, copy.attr.from = client, host;
	module:send(copy);
end

-- From a client: to the newest session of the target.
local function from_client(stanza)
	local session = sessions[#sessions];
	if not session then
		if is_query(stanza) then
			module:send(st.error_reply(stanza, "cancel", "service-unavailable", "No focus is connected"));
		end
		return;
	end
	local copy = st.clone(stanza);
	copy.attr.to, copy.attr.from = session, jid.join(nil, host, stanza.attr.from);
	module:send(copy);
end

local function forward(event)
	local stanza = event.stanza;
	if jid.bare(stanza.attr.from) == target then
		from_target(stanza);
	else
		from_client(stanza);
	end
	return true;
end

local function presence(event)
	local stanza = event.stanza;
	local from, kind = stanza.attr.from, stanza.attr.type;
	if jid.bare(from) ~= target then
		return true; -- nobody else's presence matters here
	end
	if kind == "subscribe" or kind == "unsubscribe" then
		module:send(st.presence({ to = target, from = host, type = kind .. "d" }));
	elseif kind == "unavailable" then
		if from == target then
			sessions = {};
		else
			forget(from);
		end
		module:log("info", "focus session %s is gone, %d left", from, #sessions);
	elseif kind == nil and from ~= target then
		forget(from);
		table.insert(sessions, from);
		module:log("info", "focus session %s is known", from);
	elseif kind == "probe" then
		module:send(st.presence({ to = from, from = host }));
	end
	return true;
end

-- After the handlers of other modules (disco, ping), which answer for the component itself.
for _, to in ipairs { "host", "full" } do
	module:hook("iq/" .. to, forward, -1);
	module:hook("message/" .. to, forward, -1);
	module:hook("presence/" .. to, presence, -1);
end

local function probe()
	module:send(st.presence({ to = target, from = host, type = "probe" }));
end

-- At server start the target's host may come up after this component; a reload finds it there already.
if prosody.start_time then
	probe();
end
module:hook_global("server-started", probe);

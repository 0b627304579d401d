-- What the stand-in's modules share. Stand-in of the Audio Meet lab, not Jitsi's own.
local jid = require "util.jid";
local st = require "util.stanza";

local base = module:get_option_string("muc_mapper_domain_base");
local conferences = base and module:get_option_string("muc_mapper_domain_prefix", "conference") .. "." .. base;

local util = {};

module:log("info", "standin: %s of the lab, not Jitsi's own", module.name);

-- The room with that address, of whatever component; nil if there is none.
function util.room(address)
	local host = prosody.hosts[jid.host(address)];
	local muc = host and host.modules.muc;
	return muc and muc.get_room_from_jid(address);
end

-- The conference that the page named in the address of its connection.
function util.named_room(session)
	local name, prefix = session.jitsi_web_query_room, session.jitsi_web_query_prefix;
	if not name or not conferences then
		return nil;
	end
	if prefix and prefix ~= "" and prefix ~= base then
		name = "[" .. prefix .. "]" .. name;
	end
	return util.room(jid.join(name, conferences));
end

-- The named conference and its moderator who sent the event's stanza; nothing if it is somebody else.
function util.moderated(event)
	local room = event.stanza.attr.type ~= "error" and event.origin and util.named_room(event.origin);
	local occupant = room and room:get_occupant_by_real_jid(event.stanza.attr.from);
	if not occupant then
		return nil;
	end
	if occupant.role ~= "moderator" then
		module:log("warn", "Occupant %s is not moderator and not allowed this operation for %s", occupant.jid, room.jid);
		return nil;
	end
	return room, occupant;
end

-- Calls back with a host's module interface: now, or as soon as the host is there with all its modules.
function util.when_up(name, act)
	if prosody.hosts[name] then
		act(module:context(name));
		return;
	end
	module:hook_global("host-activated", function(activated)
		if activated == name then
			act(module:context(name));
		end
	end, -100);
end

-- Makes the participants' main host name this component to whoever asks.
function util.announce(kind)
	util.when_up(base, function(host)
		host:fire_event("jitsi-add-identity", { name = kind, host = module.host });
	end);
end

-- Sends a message with JSON in it.
function util.tell(address, text, from)
	module:send(st.message({ from = from or module.host, to = address })
		:tag("json-message", { xmlns = "http://jitsi.org/jitmeet" }):text(text):up());
end

function util.tell_all(room, text, from)
	for _, occupant in room:each_occupant() do
		util.tell(occupant.jid, text, from);
	end
end

function util.is_focus(nick)
	return jid.resource(nick) == "focus";
end

-- A function that tells whether somebody's host or account is in a list of the configuration.
function util.listed(option)
	local list = module:get_option_set(option);
	return function(address)
		return list ~= nil and (list:contains(jid.host(address)) or list:contains(jid.bare(address)));
	end
end

return util;

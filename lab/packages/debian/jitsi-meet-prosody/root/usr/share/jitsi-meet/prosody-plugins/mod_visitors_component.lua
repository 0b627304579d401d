-- jicofo says which conferences have visitors; their main rooms are closed then. Stand-in of the Audio Meet lab, not Jitsi's own: nobody
-- is promoted here.
local jid = require "util.jid";
local st = require "util.stanza";
local util = module:require "util";
-- Asked for by Jitsi's own as well.
require "inspect";
module:require "token/util";

local NS = "jitsi:visitors";
local base = module:get_option_string("muc_mapper_domain_base");
local free = module:context(base):get_option_set("visitors_ignore_list", {});
local admins = module:get_option_inherited_set("admins", {});

-- Address of a room -> the nodes that have it.
local nodes = {};

module:hook("iq/host", function(event)
	local origin, stanza = event.origin, event.stanza;
	local asked = stanza:get_child("visitors", NS);
	if not asked or not admins:contains(jid.bare(stanza.attr.from)) then
		return nil;
	end
	local room = util.room(asked.attr.room);
	for item in asked:childtags() do
		local is_on = item.name == "connect-vnode";
		if room and (is_on or item.name == "disconnect-vnode") then
			nodes[room.jid] = nodes[room.jid] or {};
			nodes[room.jid][item.attr.vnode] = is_on or nil;
			local what = is_on and "jitsi-connect-vnode" or "jitsi-disconnect-vnode";
			module:context(base):fire_event(what, { room = room, vnode = item.attr.vnode });
		end
	end
	origin.send(st.reply(stanza));
	return true;
end, 10);

util.when_up("conference." .. base, function(host)
	host:hook("muc-occupant-pre-join", function(event)
		local room, stanza = event.room, event.stanza;
		local has_nodes = nodes[room.jid] and next(nodes[room.jid]);
		local from = jid.host(stanza.attr.from);
		if not has_nodes or admins:contains(event.occupant.bare_jid) or free:contains(from) then
			return nil;
		end
		event.origin.send(st.error_reply(stanza, "cancel", "not-allowed", "Visitor needs to be allowed by a moderator")
			:tag("promotion-not-allowed", { xmlns = NS }));
		return true;
	end, 7);
	host:hook("muc-room-destroyed", function(event)
		nodes[event.room.jid] = nil;
	end, 1);
end);

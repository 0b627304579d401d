-- Nodes hear of the main participants of a conference. Stand-in of the Audio Meet lab, not Jitsi's own.
local jid = require "util.jid";
local st = require "util.stanza";
local new_id = require "util.uuid".generate;
local util = module:require "util";

local NS = "jitsi:visitors";
local conferences = module:get_option_string("main_muc");

module:add_identity("component", "visitors", "visitors." .. module.host);

-- Address of a room -> the components of nodes that have it.
local connected = {};
local asked = {};

local function order(room, service, kind)
	local id = new_id();
	asked[id] = true;
	local iq = st.iq({ type = "set", to = service, from = module.host, id = id })
		:tag("visitors", { xmlns = NS, room = jid.join(jid.node(room.jid), service) }):tag(kind);
	if kind == "update" then
		iq:tag("moderators");
		for _, occupant in room:each_occupant() do
			if occupant.role == "moderator" and not util.is_focus(occupant.nick) then
				iq:tag("item", { epId = jid.resource(occupant.nick) }):up();
			end
		end
	end
	module:send(iq);
end

local function show(room, service, occupant, presence)
	local shown = st.clone(presence);
	shown.attr.to = jid.join(jid.node(room.jid), service, jid.resource(occupant.nick));
	shown.attr.from = occupant.jid;
	if shown.attr.type == nil then
		shown:tag("x", { xmlns = "http://jabber.org/protocol/muc" }):up();
	end
	module:send(shown);
end

module:hook("jitsi-connect-vnode", function(event)
	local room, service = event.room, "conference." .. event.vnode .. ".meet.jitsi";
	connected[room.jid] = connected[room.jid] or {};
	if connected[room.jid][service] then
		return;
	end
	connected[room.jid][service] = true;
	order(room, service, "update");
	for _, occupant in room:each_occupant() do
		if not util.is_focus(occupant.nick) then
			show(room, service, occupant, occupant:get_presence());
		end
	end
	order(room, service, "connect");
end);

module:hook("jitsi-disconnect-vnode", function(event)
	local service = "conference." .. event.vnode .. ".meet.jitsi";
	if connected[event.room.jid] then
		connected[event.room.jid][service] = nil;
		order(event.room, service, "disconnect");
	end
end);

module:hook("iq/host", function(event)
	local kind, id = event.stanza.attr.type, event.stanza.attr.id;
	if (kind == "result" or kind == "error") and asked[id] then
		asked[id] = nil;
		return true;
	end
end, 10);

local function tell_nodes(event, occupant)
	if util.is_focus(occupant.nick) then
		return;
	end
	local presence = event.stanza or st.presence({ type = "unavailable" });
	for service in pairs(connected[event.room.jid] or {}) do
		order(event.room, service, "update");
		show(event.room, service, occupant, presence);
	end
end

util.when_up(conferences, function(host)
	host:hook("muc-occupant-joined", function(event) tell_nodes(event, event.occupant); end);
	host:hook("muc-occupant-pre-change", function(event) tell_nodes(event, event.dest_occupant); end);
	host:hook("muc-occupant-left", function(event) tell_nodes(event, event.occupant); end);
	host:hook("muc-room-destroyed", function(event)
		for service in pairs(connected[event.room.jid] or {}) do
			order(event.room, service, "disconnect");
		end
		connected[event.room.jid] = nil;
	end, 1);
end);

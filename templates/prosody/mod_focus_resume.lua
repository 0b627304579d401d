-- A restart of prosody-jvb that no conference notices. Written by Audio Meet; changes here are overwritten.
--
-- On the host of the accounts of jicofo and the bridges. jicofo asks for stream management (XEP-0198). When its stream cannot be
-- resumed after a loss, it forgets every bridge and ends everybody's session. Prosody keeps streams in memory alone, so that this
-- would happen at each restart and crash of this instance. Hence this module keeps on disk what it takes to resume jicofo's
-- stream: its resource, the number of stanzas handled, the rooms that it is in and who else was there.
--
-- Bridges get no stream management here: one that is gone must leave the brewery at once.

local jid = require "util.jid";
local sessionmanager = require "core.sessionmanager";
local st = require "util.stanza";

local NS_MUC = "http://jabber.org/protocol/muc";
local NS_SM = { "urn:xmpp:sm:2", "urn:xmpp:sm:3" };
local NS_ERRORS = "urn:ietf:params:xml:ns:xmpp-stanzas";

local focus = jid.node(module:get_option_string("focus_resume_account"));
-- Bridges are back within 10 s of a restart; who is not there by then has left.
local absent_after_seconds = module:get_option_number("focus_resume_absent_after_seconds", 15);

local smacks = module:depends("smacks");
local tokens = module:shared("/*/smacks/resumption-tokens");
-- What mod_smacks itself writes down at an orderly stop: token -> { h = stanzas handled }.
local last_counts = module:open_store("smacks_h", "map");
-- { token, resource, h, rooms = { own address in the room -> { address of another occupant -> true } } }
local store = module:open_store("focus_resume");
local kept = store:get(focus);

local function token_key(token)
	return jid.join(focus, module.host, token);
end

local function save()
	local ok, err = store:set(focus, kept);
	if not ok then
		module:log("error", "The stream of jicofo cannot be kept on disk: %s", err);
	end
end

-- Whether the stream that is kept is this session's.
local function is_kept(session)
	return kept ~= nil and session.resumption_token ~= nil and session.resumption_token == kept.token;
end

-- Keeps the stream of a session, from now on if it is new; false where the session is not jicofo's or has no stream to resume.
local function keep(session)
	if session.username ~= focus or not session.resumption_token then
		return false;
	end
	if not is_kept(session) then
		kept = { token = session.resumption_token, resource = session.resource, rooms = {} };
	end
	kept.h = session.handled_stanza_count;
	return true;
end

module:hook("stream-features", function(event)
	if event.origin.username and event.origin.username ~= focus then
		for _, xmlns in ipairs(NS_SM) do
			event.features:remove_children("sm", xmlns);
		end
	end
end, -1);

local function on_enable(event)
	local session = event.origin;
	if session.username == focus then
		return nil;
	end
	session.send(st.stanza("failed", { xmlns = event.stanza.attr.xmlns }):tag("service-unavailable", { xmlns = NS_ERRORS }));
	return true;
end

-- Before jicofo hears how many stanzas were handled: afterwards it does not know the earlier ones any more.
local function on_ack_request(event)
	if keep(event.origin) then
		save();
	end
end

local function restore_rooms(session)
	prosody.core_process_stanza(session, st.presence());
	for address in pairs(kept.rooms) do
		prosody.core_process_stanza(session, st.presence({ to = address }):tag("x", { xmlns = NS_MUC }));
	end
end

-- Tells jicofo of those who were in its rooms before and did not come back.
local function tell_absent(session)
	if not is_kept(session) or session.destroyed then
		return;
	end
	local muc = {};
	for address, others in pairs(kept.rooms) do
		local host = prosody.hosts[jid.host(address)];
		muc = host and host.modules.muc or muc;
		local room = muc.get_room_from_jid and muc.get_room_from_jid(jid.bare(address));
		for other in pairs(others) do
			if not (room and room:get_occupant_by_nick(other)) then
				module:log("info", "%s did not come back", other);
				others[other] = nil;
				session.send(st.presence({ type = "unavailable", from = other, to = session.full_jid })
					:tag("x", { xmlns = NS_MUC .. "#user" }):tag("item", { affiliation = "none", role = "none" }));
			end
		end
	end
	save();
end

local function on_resume(event)
	local session, token, h = event.origin, event.stanza.attr.previd, tonumber(event.stanza.attr.h);
	-- What mod_smacks has in memory, or nobody knows, is for mod_smacks.
	if session.username ~= focus or session.full_jid or not h or not kept or kept.token ~= token or tokens[token_key(token)] then
		return nil;
	end
	local bound, _, _, text = sessionmanager.bind_resource(session, kept.resource);
	if not bound then
		module:log("warn", "The stream of jicofo cannot be resumed: %s", text);
		return nil;
	end
	local xmlns = event.stanza.attr.xmlns;
	local enabled = smacks.do_enable(session, st.stanza("enable", { xmlns = xmlns, resume = "true" }));
	enabled.finish();
	-- From here on as if it had never been away: the old token, both counters.
	tokens[token_key(enabled.id)], tokens[token_key(token)] = nil, session;
	session.resumption_token = token;
	local last = last_counts:get(focus, token);
	last_counts:set(focus, token, nil);
	session.handled_stanza_count = last and last.h or kept.h;
	local queue = session.outgoing_stanza_queue;
	queue._head, queue._tail = h, h;
	session.send(st.stanza("resumed", { xmlns = xmlns, previd = token, h = string.format("%d", session.handled_stanza_count) }));
	module:log("info", "The stream of jicofo goes on after a restart of this server");
	restore_rooms(session);
	module:add_timer(absent_after_seconds, function() tell_absent(session); end);
	return true;
end

for _, xmlns in ipairs(NS_SM) do
	-- Before mod_smacks: its priorities are 100 and 0.
	module:hook("stanza/" .. xmlns .. ":enable", on_enable, 200);
	module:hook("stanza/" .. xmlns .. ":r", on_ack_request, 100);
	module:hook("stanza/" .. xmlns .. ":resume", on_resume, 100);
end

-- jicofo enters a room, or leaves it.
module:hook("pre-presence/full", function(event)
	local session, stanza = event.origin, event.stanza;
	local address = stanza.attr.to;
	if stanza.attr.type == nil and stanza:get_child("x", NS_MUC) and keep(session) then
		kept.rooms[address] = kept.rooms[address] or {};
		save();
	elseif stanza.attr.type == "unavailable" and is_kept(session) and kept.rooms[address] then
		kept.rooms[address] = nil;
		save();
	end
end, 1);

-- Who else is in them, as jicofo hears it.
module:hook("presence/full", function(event)
	local stanza = event.stanza;
	if not kept or stanza.attr.to ~= jid.join(focus, module.host, kept.resource) then
		return;
	end
	for address, others in pairs(kept.rooms) do
		local from = stanza.attr.from;
		if from ~= address and jid.bare(from) == jid.bare(address) then
			local is_there = stanza.attr.type == nil or nil;
			if stanza.attr.type ~= "error" and others[from] ~= is_there then
				others[from] = is_there;
				save();
			end
		end
	end
end, 1);

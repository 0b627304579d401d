-- A recorder does what jicofo asks, and enters rooms in which it was asked to record. Written by Audio Meet; changes here are
-- overwritten.
--
-- On the host of the accounts of jicofo and the recorders. A recorder does what anybody in the brewery asks, and records or sends out
-- whatever room it is told; whoever has a recorder's password could command the others, and have jicofo open rooms. So each has an
-- account of its own, which says three things here, and nothing else goes anywhere:
--
-- * its presence in the brewery, under its own name;
-- * to jicofo in the brewery: answers, and how a recording is getting on;
-- * what a session needs of its server: a ping, its roster, what the server and its rooms can do.
--
-- An account is named <user>-<recorder>-<number>. In the brewery is one session of a recorder, the newest of the highest number: one
-- that comes back finds its name free, although the server may not have noticed yet that it was gone.
--
-- Recorders of a stack made before shared the account <user>. It is bounded in the same way, but for the name, until it goes.
--
-- Which recorder jicofo has had record which room is noted for mod_recorder_rooms.

local jid = require "prosody.util.jid";
local st = require "prosody.util.stanza";
local asks_server = module:require "server_questions";
local numbered_accounts = module:require "numbered_accounts";

local focus = module:get_option_string("recorder_bounds_focus");
local shared_user = module:get_option_string("recorder_bounds_user");
local recorder_of = numbered_accounts(shared_user);
local brewery = module:get_option_string("recorder_bounds_room");
-- Room → the names of those who were asked to record it.
local asked_for = module:shared("/*/recorder_bounds/rooms");

local NS_JIBRI = "http://jitsi.org/protocol/jibri";
-- Its name there is that of its account.
local focus_in_brewery = brewery .. "/" .. jid.node(focus);

-- Hosts that a recorder may ask.
local ASKED_HOSTS = { [module.host] = true, [jid.host(brewery)] = true };

local function may_be_called(username, name)
	if username == shared_user then
		return name ~= nil and brewery .. "/" .. name ~= focus_in_brewery;
	end
	return name ~= nil and name == recorder_of(username);
end

local function may_announce(session, presence)
	local to, kind = presence.attr.to, presence.attr.type;
	if kind ~= nil and kind ~= "unavailable" then
		return false;
	end
	return to == nil or jid.bare(to) == brewery and may_be_called(session.username, jid.resource(to));
end

local function is_word_of_recording(iq)
	local said = iq.tags[1];
	return iq.attr.to == focus_in_brewery and #iq.tags == 1 and said.name == "jibri" and said.attr.xmlns == NS_JIBRI;
end

local function may_ask(iq)
	local to, kind = iq.attr.to, iq.attr.type;
	if kind == "result" or kind == "error" then
		return to == nil or ASKED_HOSTS[to] or to == focus_in_brewery;
	end
	return asks_server(iq, ASKED_HOSTS) or is_word_of_recording(iq);
end

local function note_order(stanza)
	local order = stanza.name == "iq" and stanza.attr.type == "set" and stanza:get_child("jibri", NS_JIBRI);
	local name = jid.resource(stanza.attr.to);
	if order and order.attr.action == "start" and order.attr.room and name and jid.bare(stanza.attr.to) == brewery then
		local room = jid.prep(order.attr.room) or "";
		asked_for[room] = asked_for[room] or {};
		asked_for[room][name] = true;
	end
end

module:hook("pre-stanza", function (event)
	local session, stanza = event.origin, event.stanza;
	if jid.join(session.username, session.host) == focus then
		note_order(stanza);
		return nil;
	end
	if stanza.name == "presence" and may_announce(session, stanza) or stanza.name == "iq" and may_ask(stanza) then
		return nil;
	end
	module:log("warn", "Refused to %s: %s", session.full_jid, stanza:top_tag());
	if stanza.attr.type ~= "error" and stanza.attr.type ~= "result" then
		session.send(st.error_reply(stanza, "auth", "forbidden"));
	end
	return false;
end, 1000);

-- Whether a session gives way to one of that recorder with that number.
local function gives_way(session, id, number)
	local other_id, other_number = recorder_of(session.username);
	return session.username == shared_user or other_id == id and other_number <= number;
end

local function end_older_sessions(session, id, number)
	local room = prosody.hosts[jid.host(brewery)].modules.muc.get_room_from_jid(brewery);
	local occupant = room and room:get_occupant_by_nick(brewery .. "/" .. id);
	if not occupant then
		return;
	end
	local held = {};
	for address in occupant:each_session() do
		table.insert(held, prosody.full_sessions[address]);
	end
	for _, other in ipairs(held) do
		if other ~= session and gives_way(other, id, number) then
			other:close({ condition = "conflict", text = "The same recorder has logged in again" });
		end
	end
end

module:hook("resource-bind", function (event)
	local session = event.session;
	local id, number = recorder_of(session.username);
	if id then
		end_older_sessions(session, id, number);
	end
end);

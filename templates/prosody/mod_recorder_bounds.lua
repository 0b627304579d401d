-- A recorder does what jicofo asks, and enters rooms in which it was asked to record. Written by Audio Meet; changes here are
-- overwritten.
--
-- On the host of the accounts of jicofo and the recorders. A recorder does what anybody in the brewery asks, and records or sends out
-- whatever room it is told; whoever has a recorder's password could command the others, and have jicofo open rooms. So the account
-- says three things here, and nothing else goes anywhere:
--
-- * its presence in the brewery, not under jicofo's name;
-- * to jicofo in the brewery: answers, and how a recording is getting on;
-- * what a session needs of its server: a ping, its roster, what the server and its rooms can do.
--
-- Which rooms jicofo has had recorded is noted for mod_recorder_rooms.

local jid = require "prosody.util.jid";
local st = require "prosody.util.stanza";
local asks_server = module:require "server_questions";

local focus = module:get_option_string("recorder_bounds_focus");
local recorder = module:get_option_string("recorder_bounds_account");
local brewery = module:get_option_string("recorder_bounds_room");
local asked_for = module:shared("/*/recorder_bounds/rooms");

local NS_JIBRI = "http://jitsi.org/protocol/jibri";
-- Its name there is that of its account.
local focus_in_brewery = brewery .. "/" .. jid.node(focus);

-- Hosts that a recorder may ask.
local ASKED_HOSTS = { [module.host] = true, [jid.host(brewery)] = true };

local function may_announce(presence)
	local to, kind = presence.attr.to, presence.attr.type;
	if kind ~= nil and kind ~= "unavailable" then
		return false;
	end
	return to == nil or jid.bare(to) == brewery and jid.resource(to) ~= nil and to ~= focus_in_brewery;
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
	if order and order.attr.action == "start" and order.attr.room and jid.bare(stanza.attr.to) == brewery then
		asked_for[jid.prep(order.attr.room) or ""] = true;
	end
end

module:hook("pre-stanza", function (event)
	local session, stanza = event.origin, event.stanza;
	local account = jid.bare(session.full_jid);
	if account == focus then
		note_order(stanza);
	elseif account == recorder then
		if stanza.name == "presence" and may_announce(stanza) or stanza.name == "iq" and may_ask(stanza) then
			return nil;
		end
		module:log("warn", "Refused to %s: %s", session.full_jid, stanza:top_tag());
		if stanza.attr.type ~= "error" and stanza.attr.type ~= "result" then
			session.send(st.error_reply(stanza, "auth", "forbidden"));
		end
		return false;
	end
end, 1000);

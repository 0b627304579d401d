-- A bridge is no administrator. Written by Audio Meet; changes here are overwritten.
--
-- On the host of the accounts of jicofo and the bridges. A bridge does what jicofo asks, and asks nobody who asks: whoever could
-- reach it from another bridge's account would command it. So a bridge says three things here, and nothing else goes anywhere:
--
-- * its presence in the brewery, under its own name and with its own relay id: jicofo finds bridges by both;
-- * an answer, once, to whoever has asked it: nobody but jicofo can;
-- * what a session needs of its server: a ping, its roster, what the server and its rooms can do.
--
-- An account is named <user>-<bridge>-<number>, and a new number takes the place of the one before. Of a bridge there is one session,
-- the newest of the highest number: one that comes back finds its name in the brewery free, although the server may not have
-- noticed yet that it was gone. A bridge that is refused there does not try again.

local jid = require "util.jid";
local st = require "util.stanza";
local throttle = require "util.throttle";
local monotonic = require "prosody.util.time".monotonic; -- a clock of the wall may be set meanwhile
local asks_server = module:require "server_questions";
local numbered_accounts = module:require "numbered_accounts";

local focus = module:get_option_string("bridge_bounds_focus");
local brewery = module:get_option_string("bridge_bounds_room");
local bridge_of = numbered_accounts(module:get_option_string("bridge_bounds_user"));
local focus_stanza_size_limit = module:get_option_integer("bridge_bounds_focus_stanza_size_limit");

-- A bridge announces itself each 5 s, at changes of its health, and when it drains; a login is three presences and two questions.
local OWN_STANZAS, OWN_PERIOD_SECONDS = 30, 15;
-- jicofo waits 15 s for an answer.
local ANSWER_SECONDS = 120;
-- Elements in elements of a presence; a bridge's own has three.
local DEEPEST = 6;

-- Hosts that a bridge may ask. A session without rights in the room is nobody there.
local ASKED_HOSTS = { [module.host] = true, [jid.host(brewery)] = true };

local sessions_of_host = prosody.hosts[module.host].sessions;

local function is_focus(session)
	return jid.join(session.username, session.host) == focus;
end

-- Whether something that names a relay names only this one. jicofo looks at the local names of attributes alone, hence an
-- attribute with a namespace of its own may not be there at all.
local function names_only(element, id, depth)
	if depth > DEEPEST then
		return false;
	end
	for key in pairs(element.attr) do
		if key:find("\1", 1, true) then
			return false;
		end
	end
	if element.attr.name == "relay_id" and element.attr.value ~= id then
		return false;
	end
	for _, child in ipairs(element.tags) do
		if not names_only(child, id, depth + 1) then
			return false;
		end
	end
	return true;
end

local function may_announce(bounds, presence)
	local to, kind = presence.attr.to, presence.attr.type;
	if kind ~= nil and kind ~= "unavailable" then
		return false;
	end
	return to == nil or (bounds.id ~= nil and to == brewery .. "/" .. bounds.id and names_only(presence, bounds.id, 1));
end

local function may_answer(bounds, iq)
	for _, asked in ipairs { bounds.asked, bounds.asked_before } do
		local id = iq.attr.id;
		if asked[id] == iq.attr.to then
			asked[id] = nil;
			return true;
		end
	end
	return false;
end

local function refuse(session, bounds, stanza)
	session.log(bounds.has_refused and "debug" or "warn", "Refused to %s: %s", session.full_jid, stanza:top_tag());
	bounds.has_refused = true;
	if stanza.attr.type ~= "error" and stanza.attr.type ~= "result" then
		session.send(st.error_reply(stanza, "auth", "forbidden"));
	end
	return false;
end

module:hook("pre-stanza", function(event)
	local session, stanza = event.origin, event.stanza;
	local bounds = session.bridge_bounds;
	if not bounds then
		return nil;
	end
	if stanza.name == "iq" and (stanza.attr.type == "result" or stanza.attr.type == "error") then
		if not may_answer(bounds, stanza) then
			return refuse(session, bounds, stanza);
		end
		return nil;
	end
	local is_allowed = stanza.name == "presence" and may_announce(bounds, stanza) or stanza.name == "iq" and asks_server(stanza, ASKED_HOSTS);
	if not is_allowed then
		return refuse(session, bounds, stanza);
	end
	-- Too often is no error: the next one says all that this one did. A leave always counts: it also comes from the end of a session.
	if stanza.attr.type ~= "unavailable" and not bounds.own_stanzas:poll(1) then
		return false;
	end
end, 1000);

-- A question on its way to a bridge. What nobody waits for any more is forgotten.
module:hook("iq/full", function(event)
	local iq = event.stanza;
	local session = prosody.full_sessions[iq.attr.to];
	local bounds = session and session.bridge_bounds;
	if bounds and (iq.attr.type == "get" or iq.attr.type == "set") then
		local now = monotonic();
		if now - bounds.since > ANSWER_SECONDS then
			bounds.asked_before, bounds.asked, bounds.since = bounds.asked, {}, now;
		end
		bounds.asked[iq.attr.id] = iq.attr.from;
	end
end, 1000);

local function end_older_sessions(session, id, number)
	for username, user in pairs(sessions_of_host) do
		local other_id, other_number = bridge_of(username);
		if other_id == id and other_number <= number then
			for _, other in pairs(user.sessions) do
				if other ~= session then
					other:close({ condition = "conflict", text = "The same bridge has logged in again" });
				end
			end
		end
	end
end

module:hook("resource-bind", function(event)
	local session = event.session;
	if is_focus(session) then
		return;
	end
	local id, number = bridge_of(session.username);
	session.bridge_bounds = {
		id = id,
		own_stanzas = throttle.create(OWN_STANZAS, OWN_PERIOD_SECONDS),
		asked = {},
		asked_before = {},
		since = monotonic(),
	};
	if id then
		end_older_sessions(session, id, number);
	end
end);

-- What jicofo says about a big room is one stanza. Also for a stream that goes on in an older session.
module:hook("authentication-success", function(event)
	local session = event.session;
	if is_focus(session) then
		session.stream:set_stanza_size_limit(focus_stanza_size_limit);
	end
end);

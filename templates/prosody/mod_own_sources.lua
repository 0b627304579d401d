-- A participant announces sources of his own alone. Written by Audio Meet; changes here are overwritten.
--
-- A source has a name and a stream id, and the page makes both out of its name in the room: "1a2b3c4d-a0", "1a2b3c4d-audio-0-1 …".
-- jicofo and the bridge hand on whatever name somebody gives, and pages take what comes last under a name for the only one: who
-- names a source of his like that of somebody else silences him for everybody. A stream id that somebody has announced is refused to
-- its owner. So each source in a Jingle stanza is looked at here, before jicofo sees it, and one that is called after somebody else
-- is refused, with the whole stanza.
--
-- jicofo's parser reads attributes by their local names and walks through elements that it does not know: every element called
-- "source" counts, wherever it stands, and every attribute of that name, of whatever namespace.

local jid = require "prosody.util.jid";
local st = require "prosody.util.stanza";

-- The name by which a session is in the room that it speaks to; jicofo hears nobody else.
local function own_name(session, stanza)
	local host = stanza.attr.to and prosody.hosts[jid.host(stanza.attr.to)];
	local muc = host and host.modules.muc;
	local room = muc and muc.get_room_from_jid(jid.bare(stanza.attr.to));
	local nick = room and room:get_occupant_jid(session.full_jid);
	return nick and jid.resource(nick);
end

-- Calls back with each value that an element has under the local name of an attribute.
local function each_value(element, key, visit)
	local suffix = "\1" .. key;
	for name, value in pairs(element.attr) do
		if name == key or name:sub(-#suffix) == suffix then
			visit(value);
		end
	end
end

local function is_called(element, wanted)
	local found = false;
	each_value(element, "name", function (value)
		found = found or value == wanted;
	end);
	return found;
end

-- Whether everything in a stanza that names a source is made of that name; one look at each element, without recursion.
local function is_own(stanza, name)
	local own, source, stream = true, "^" .. name .. "%-[av]%d+$", "^" .. name .. "%-";
	local function must_match(pattern)
		return function (value)
			own = own and value:find(pattern) ~= nil;
		end
	end
	local open, left = { stanza }, 1;
	while left > 0 do
		local element = open[left];
		open[left], left = nil, left - 1;
		for _, child in ipairs(element.tags) do
			if child.name == "source" then
				each_value(child, "name", must_match(source));
			elseif child.name == "parameter" and is_called(child, "msid") then
				each_value(child, "value", must_match(stream));
			end
			left = left + 1;
			open[left] = child;
		end
	end
	return own;
end

local function on_iq(event)
	local session, stanza = event.origin, event.stanza;
	if stanza.attr.type ~= "set" then
		return nil;
	end
	local name = own_name(session, stanza);
	-- Who is in no room has no source; names of letters, digits, "_" and "-" alone get into one (mod_participant_bounds).
	if is_own(stanza, (name or ""):gsub("%-", "%%-")) then
		return nil;
	end
	if not session.own_sources_told then
		session.own_sources_told = true; -- one line a session, however often it tries
		module:log("info", "%s announced a source that is called after somebody else", session.full_jid or "a session");
	end
	session.send(st.error_reply(stanza, "cancel", "not-acceptable", "A source is called after who sends it"));
	return true;
end

for _, to in ipairs { "full", "bare", "host" } do
	module:hook("pre-iq/" .. to, on_iq, 950);
end

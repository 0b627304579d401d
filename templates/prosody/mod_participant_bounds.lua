-- What a participant may say, and to whom. Written by Audio Meet; changes here are overwritten.
--
-- On the hosts of the participants:
--
-- * Nobody speaks to somebody else past the room: not to a participant's own address, nor to jicofo's or a recorder's account.
-- * Nobody speaks to another server: where there are visitors, the Prosodys alone speak to each other.
-- * A name in a room is made of ASCII letters, digits, "_" and "-", and none is jicofo's: the page gives everybody eight digits.
--   Who is in a room keeps his name: what jicofo and the bridge know of him, and what others decided about him, stands under it.
-- * A presence tells nothing that others tell: who somebody is by token, what a recorder does, what jicofo says of a conference.
-- * What somebody is called is cut to a length: lists of people and of votes repeat it for everybody.

local jid = require "prosody.util.jid";
local st = require "prosody.util.stanza";
local is_utf8 = require "prosody.util.encodings".utf8.valid;

-- The page takes fifty letters, of at most four bytes each.
local LONGEST_NAME = 200;

-- Names of elements, in whatever namespace: the page looks for no namespace either.
local NOT_FOR_PARTICIPANTS = {
	["identity"] = true,
	["permissions"] = true,
	["bot"] = true,
	["call-control"] = true,
	["bridgeNotAvailable"] = true,
	["conference-properties"] = true,
	["transcription-status"] = true,
	["jibri-recording-status"] = true,
	["jibri-sip-call-state"] = true,
};

local function refuse(event, condition, text)
	local stanza = event.stanza;
	local kind = stanza.attr.type;
	if kind ~= "error" and not (stanza.name == "iq" and kind == "result") then
		event.origin.send(st.error_reply(stanza, "cancel", condition, text));
	end
	return true;
end

local function is_account(host)
	local session = prosody.hosts[host];
	return session ~= nil and session.type == "local";
end

local function past_the_room(event)
	local to = event.stanza.attr.to;
	if to and is_account(jid.host(to)) and jid.bare(to) ~= jid.bare(event.origin.full_jid) then
		return refuse(event, "service-unavailable", "Nobody is spoken to past the room");
	end
end

local function past_the_server(event)
	local to = event.stanza.attr.to;
	if to and prosody.hosts[jid.host(to)] == nil then
		return refuse(event, "remote-server-not-found", "Nobody is spoken to on another server");
	end
end

for _, name in ipairs { "iq", "message", "presence" } do
	for _, to in ipairs { "full", "bare", "host" } do
		module:hook("pre-" .. name .. "/" .. to, past_the_server, 960);
	end
	for _, to in ipairs { "full", "bare" } do
		module:hook("pre-" .. name .. "/" .. to, past_the_room, 950);
	end
end

local function cut(element)
	local text = element.name == "nick" and element:get_text();
	if not text or #text <= LONGEST_NAME then
		return element;
	end
	local length = LONGEST_NAME;
	while not is_utf8(text:sub(1, length)) do
		length = length - 1;
	end
	return st.stanza(element.name, element.attr):text(text:sub(1, length));
end

local function is_name(nick)
	return nick:find("^[%w_-]+$") ~= nil and nick:lower() ~= "focus";
end

local function has_another_name(session, address)
	local host = prosody.hosts[jid.host(address)];
	local muc = host and host.modules.muc;
	local room = muc and muc.get_room_from_jid(jid.bare(address));
	local own = room and room:get_occupant_jid(session.full_jid);
	return own ~= nil and own ~= address;
end

module:hook("pre-presence/full", function (event)
	local stanza = event.stanza;
	if stanza.attr.type == nil and has_another_name(event.origin, stanza.attr.to) then
		return refuse(event, "not-allowed", "A name in a room stays as it is");
	end
	if stanza.attr.type == nil and not is_name(jid.resource(stanza.attr.to)) then
		return refuse(event, "not-acceptable", "Another name, of ASCII letters and digits");
	end
	stanza:maptags(function (element)
		return not NOT_FOR_PARTICIPANTS[element.name] and cut(element) or nil;
	end);
end, 900);

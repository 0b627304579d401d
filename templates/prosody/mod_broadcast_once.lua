-- What goes to everybody in a room is written once. Written by Audio Meet; changes here are overwritten.
--
-- Prosody clones and serialises a presence for each who receives it, and all of the room's presences for each who enters: in a room
-- of 500 that is nearly all that a join costs. The texts differ in one attribute, `to`. So here a stanza becomes text once and the
-- receiver is put in, and who enters gets the texts that were made for those before him.
--
-- Only where nobody can tell: the receiver has a websocket without stream management, nothing but Prosody's own module delivers to
-- it, and what filters of other modules do with the stanza is looked at. All others get what the stock room sends. One text in SAMPLE
-- of each kind, the first among them, is held against what Prosody would have written; a difference switches this off until Prosody
-- restarts, with a warning and a metric.

local id = require "prosody.util.id";
local jid = require "prosody.util.jid";
local st = require "prosody.util.stanza";
local xml = require "prosody.util.xml";

local room_mt = module:depends "muc".room_mt;
local sessions = prosody.full_sessions;

local SAMPLE = 1000;
local XMLNS = "jabber:client";
-- In place of the receiver. Nobody outside can know it.
local PLACE = "to-" .. id.long();
-- Name of a stanza -> Prosody's module that alone may deliver it.
local DELIVERY = { presence = "mod_presence", message = "mod_message" };

local in_use = true;
-- Texts so far: of what happens in a room, and of its occupants for who enters.
local sent = { news = 0, entry = 0 };
local gauge = module:metric("gauge", "in_use", "", "Whether what goes to everybody in a room is written once"):with_labels();
gauge:set(1);

local function give_up(reason)
	in_use = false;
	gauge:set(0);
	module:log("warn", "Each receiver's stanza is written anew from here on, which costs several times the CPU: %s", reason);
end

-- Function -> file that it is of.
local origins = setmetatable({}, { __mode = "k" });

local function is_from(handler, name)
	local origin = origins[handler];
	if not origin then
		origin = debug.getinfo(handler, "S").source;
		origins[handler] = origin;
	end
	return origin:find(name, 1, true) ~= nil;
end

local function is_plain(host, kind)
	local handlers = host.events.get_handlers(kind .. "/full");
	return handlers ~= nil and #handlers == 1 and is_from(handlers[1], DELIVERY[kind]);
end

-- Whether a websocket is the last to change what a session is sent.
local function is_websocket(session)
	local filters = session.filters and session.filters["stanzas/out"];
	return session.websocket_request ~= nil and not session.smacks and is_from(session.send, "sessionmanager")
		and filters ~= nil and #filters > 0 and is_from(filters[#filters], "mod_websocket");
end

local function receiver(to, kind)
	local session = in_use and sessions[to];
	local host = session and prosody.hosts[session.host];
	return session and session.type == "c2s" and host and is_plain(host, kind) and is_websocket(session) and session or nil;
end

-- A stanza as a websocket writes it.
local function written(stanza, to)
	local copy = st.clone(stanza, true);
	table.move(stanza, 1, #stanza, 1, copy);
	copy.attr.to, copy.attr.xmlns = to or stanza.attr.to, stanza.attr.xmlns or XMLNS;
	return tostring(copy);
end

-- What an element and those in it hold, so that a later look can tell whether they still do.
local function note(element, notes)
	local noted = { element = element, count = #element, attr = {} };
	for i = 1, noted.count do
		noted[i] = element[i];
	end
	for name, value in pairs(element.attr) do
		noted.attr[name] = value;
	end
	notes[#notes + 1] = noted;
	for _, child in ipairs(element.tags) do
		note(child, notes);
	end
	return notes;
end

local function is_as_noted(noted)
	local element, attr = noted.element, noted.attr;
	if #element ~= noted.count then
		return false;
	end
	for i = 1, noted.count do
		if element[i] ~= noted[i] then
			return false;
		end
	end
	for name, value in pairs(attr) do
		if element.attr[name] ~= value then
			return false;
		end
	end
	for name in pairs(element.attr) do
		if attr[name] == nil then
			return false;
		end
	end
	return true;
end

-- A stanza with its text before and after the receiver, and notes of all that is in it; nil where the receiver has no place of his own.
local function shot_of(stanza, kind)
	local text = written(stanza, PLACE);
	local from, to = text:find(PLACE, 1, true);
	if not from or text:find(PLACE, to + 1, true) then
		return nil;
	end
	return { stanza = stanza, kind = kind, notes = note(stanza, {}), head = text:sub(1, from - 1), tail = text:sub(to + 1) };
end

-- Nobody has touched it, but for its receiver.
local function is_unchanged(shot)
	local notes = shot.notes;
	notes[1].attr.to = shot.stanza.attr.to;
	for i = 1, #notes do
		if not is_as_noted(notes[i]) then
			return false;
		end
	end
	return true;
end

-- What an element says; the order of attributes is no part of it.
local function said(element)
	local names, words = {}, { element.name };
	for name in pairs(element.attr) do
		names[#names + 1] = name;
	end
	table.sort(names);
	for _, name in ipairs(names) do
		words[#words + 1] = ("%q=%q"):format(name, element.attr[name]);
	end
	for _, child in ipairs(element) do
		words[#words + 1] = type(child) == "string" and ("%q"):format(child) or said(child);
	end
	return "(" .. table.concat(words, " ") .. ")";
end

local function is_same(one, other)
	local first, second = xml.parse(one), xml.parse(other);
	return first ~= nil and second ~= nil and said(first) == said(second);
end

-- The text for one receiver. `whole` makes the stanza that Prosody would have sent.
local function spliced(shot, to, whole)
	local text, kind = shot.head .. st.xml_escape(to) .. shot.tail, shot.kind;
	sent[kind] = sent[kind] + 1;
	if sent[kind] % SAMPLE == 1 then
		local other = written(whole(), to);
		if not is_same(text, other) then
			give_up("a text differs from Prosody's own");
			return other;
		end
	end
	return text;
end

-- Sends a stanza through the filters of a session, as Prosody does, and past its own last one. Whether it is still the same.
local function send(session, to, shot, whole)
	local stanza, filters = shot.stanza, session.filters["stanzas/out"];
	stanza.attr.to = to;
	local filtered = stanza;
	for i = 1, #filters - 1 do
		filtered = filters[i](filtered, session);
		if filtered == nil then
			return is_unchanged(shot);
		end
	end
	local is_kept = filtered == stanza and is_unchanged(shot);
	session.rawsend(is_kept and stanza.attr.to == to and spliced(shot, to, whole) or written(filtered));
	return is_kept;
end

-- A broadcast hands the same stanza to one receiver after the other.
local last = {};

local function last_of(stanza)
	if last.stanza ~= stanza or not is_unchanged(last) then
		last = shot_of(stanza, "news") or {};
	end
	return last.stanza and last or nil;
end

local function is_for_everybody(stanza)
	local kind = stanza.attr.type;
	return stanza.name == "presence" and (kind == nil or kind == "unavailable") or stanza.name == "message" and kind == "groupchat";
end

local route_to_occupant = room_mt.route_to_occupant;

function room_mt:route_to_occupant(occupant, stanza)
	if not is_for_everybody(stanza) then
		return route_to_occupant(self, occupant, stanza);
	end
	local to = stanza.attr.to;
	for full in occupant:each_session() do
		local session = receiver(full, stanza.name);
		local shot = session and last_of(stanza);
		if shot then
			send(session, full, shot, function () return stanza; end);
		else
			stanza.attr.to = full;
			self:route_stanza(stanza);
		end
	end
	stanza.attr.to = to;
end

local send_occupant_list = room_mt.send_occupant_list;

-- The presences of one occupant for who enters, as Prosody makes them.
local function listed(room, to, occupant_jid)
	local stanzas = {};
	room.route_stanza = function (_, stanza)
		stanzas[#stanzas + 1] = stanza;
	end;
	local ok, err = pcall(send_occupant_list, room, to, function (other) return other == occupant_jid; end);
	room.route_stanza = nil;
	assert(ok, err);
	return stanzas;
end

-- What a presence for who enters is made of, beside the stored one.
local function ground(room, to, occupant)
	local role = occupant.role or "none";
	return table.concat({
		room:get_affiliation(occupant.bare_jid) or "none", role,
		tostring(room:is_anonymous_for(to)), tostring(room:get_presence_broadcast()[role]),
	}, " ");
end

-- Stored presence of an occupant -> its shot for who enters, and its ground.
local entries = setmetatable({}, { __mode = "k" });

-- nil where it is not the same for everybody: with hats, and for one's own other sessions.
local function entry_of(room, to, occupant_jid, occupant)
	local presence = occupant:get_presence();
	if not presence or occupant.bare_jid == jid.bare(to) or room:get_affiliation_data(occupant.bare_jid, "hats") then
		return nil;
	end
	local entry, made_of = entries[presence], ground(room, to, occupant);
	if not entry or entry.made_of ~= made_of then
		local stanzas = listed(room, to, occupant_jid);
		local shot = #stanzas == 1 and shot_of(stanzas[1], "entry");
		entry = shot and { made_of = made_of, shot = shot } or nil;
		entries[presence] = entry;
	end
	return entry;
end

function room_mt:send_occupant_list(to, filter)
	local session = receiver(to, "presence");
	-- Whether affiliated people who are not there are told as well is a choice of the room.
	if not session or self:get_presence_broadcast().none then
		return send_occupant_list(self, to, filter);
	end
	for occupant_jid, occupant in self:each_occupant() do
		if not filter or filter(occupant_jid, occupant) then
			local entry = in_use and entry_of(self, to, occupant_jid, occupant);
			if not entry then
				send_occupant_list(self, to, function (other) return other == occupant_jid; end);
			elseif not send(session, to, entry.shot, function () return listed(self, to, occupant_jid)[1]; end) then
				entries[occupant:get_presence()] = nil;
			end
		end
	end
end

-- Before anybody is there: the parts of a stanza make the stanza, and rooms are as they are expected.
local function self_test()
	local stanza = st.presence({ from = "room@x/<nick>", to = "old" }):tag("x", { xmlns = "urn:x", a = "'&'" }):text("<&>"):up();
	local shot, to = shot_of(stanza, "news"), "who@x/a'b";
	if not shot or not is_same(shot.head .. st.xml_escape(to) .. shot.tail, written(stanza, to)) then
		give_up("its own test fails");
	end
	for _, name in ipairs { "each_occupant", "get_affiliation_data", "get_presence_broadcast", "is_anonymous_for", "route_stanza" } do
		if type(room_mt[name]) ~= "function" then
			give_up("Prosody's rooms have no " .. name);
		end
	end
end

self_test();

function module.unload()
	room_mt.route_to_occupant, room_mt.send_occupant_list = route_to_occupant, send_occupant_list;
end
